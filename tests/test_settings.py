"""The environment: what is needed, what is refused, and that no fault ever shows a value."""

from pathlib import Path

import pytest

from service.settings import Clock, RelayGuarantee, SettingsError, read_settings

GIVEN = {
    "DATABASE_URL": "postgresql://router:s3cret-word@db/router",
    "KAFKA_BOOTSTRAP_SERVERS": "kafka:9092",
    "FEEDBACK_ROUTER_PSEUDONYM_KEY": "a-long-enough-secret",
}


def _faults(**changes: str) -> list[str]:
    with pytest.raises(SettingsError) as refused:
        read_settings({**GIVEN, **changes})
    return str(refused.value).splitlines()


def test_three_variables_are_enough() -> None:
    settings = read_settings(GIVEN)
    assert settings.database_url.get_secret_value() == GIVEN["DATABASE_URL"]
    assert settings.pseudonym == ("k1", b"a-long-enough-secret")
    assert (settings.clock, settings.relay_guarantee) == (Clock.WALL, RelayGuarantee.TRANSACTIONAL)


def test_every_fault_is_told_at_once() -> None:
    with pytest.raises(SettingsError) as refused:
        read_settings({"FEEDBACK_ROUTER_BATCH_ROWS": "many", "FEEDBACK_ROUTER_HOST": "0.0.0.0"})  # noqa: S104 (refused)
    assert [line.split(":")[0] for line in str(refused.value).splitlines()] == [
        "DATABASE_URL",
        "FEEDBACK_ROUTER_API_TOKEN",
        "FEEDBACK_ROUTER_BATCH_ROWS",
        "FEEDBACK_ROUTER_PSEUDONYM_KEY",
        "KAFKA_BOOTSTRAP_SERVERS",
    ]


def test_no_fault_shows_a_value() -> None:
    text = "\n".join(_faults(FEEDBACK_ROUTER_PSEUDONYM_KEY="hush-hush", KAFKA_SECURITY_PROTOCOL="hush-hush"))
    assert "hush" not in text


def test_secrets_are_not_printed() -> None:
    assert "s3cret-word" not in repr(read_settings(GIVEN))


def test_a_misspelt_setting_is_a_fault() -> None:
    assert _faults(FEEDBACK_ROUTER_BATCHROWS="5") == ["FEEDBACK_ROUTER_BATCHROWS: nothing reads this"]


def test_a_source_secret_may_have_our_prefix() -> None:
    read_settings({**GIVEN, "FEEDBACK_ROUTER_SECRET_TYPEFORM": "x"})


def test_a_short_pseudonym_key_is_refused() -> None:
    assert _faults(FEEDBACK_ROUTER_PSEUDONYM_KEY="short") == [
        "FEEDBACK_ROUTER_PSEUDONYM_KEY: must have 16 characters or more"
    ]


def test_sasl_needs_a_name_and_a_password() -> None:
    assert _faults(KAFKA_SECURITY_PROTOCOL="SASL_SSL") == [
        "KAFKA_SASL_PASSWORD: must be set with SASL",
        "KAFKA_SASL_USERNAME: must be set with SASL",
    ]


def test_a_playbook_that_is_not_there_is_a_fault(tmp_path: Path) -> None:
    assert _faults(FEEDBACK_ROUTER_PLAYBOOK=str(tmp_path / "none.yaml")) == [
        "FEEDBACK_ROUTER_PLAYBOOK: there is no such file or folder"
    ]


def test_the_embedded_mode_needs_no_key() -> None:
    settings = read_settings({}, embedded=True, database_url="postgresql://x", kafka_bootstrap_servers="y")
    assert settings.pseudonym[0] == "public"


def test_what_is_given_goes_before_the_environment() -> None:
    assert read_settings(GIVEN, clock="stream").clock is Clock.STREAM
