"""The environment: what is needed, what is refused, and that no fault ever shows a value."""

from pathlib import Path

import pytest

from service.settings import Clock, RelayGuarantee, SettingsError, environment_of, read_settings

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


OIDC = {
    "FEEDBACK_ROUTER_IDENTITIES": "oidc",
    "FEEDBACK_ROUTER_PUBLIC_URL": "https://feedback.example.org",
    "FEEDBACK_ROUTER_OIDC_ISSUER": "https://login.example.org/realms/shop",
    "FEEDBACK_ROUTER_OIDC_CLIENT_ID": "feedback",
    "FEEDBACK_ROUTER_OIDC_CLIENT_SECRET": "hush-hush",
}


@pytest.mark.parametrize(
    "known",
    [{"FEEDBACK_ROUTER_API_TOKEN": "t"}, {"FEEDBACK_ROUTER_IDENTITIES": "keys"}, OIDC],
    ids=["token", "keys", "oidc"],
)
def test_beyond_loopback_somebody_has_to_be_known(known: dict[str, str]) -> None:
    settings = read_settings({**GIVEN, **known, "FEEDBACK_ROUTER_HOST": "0.0.0.0"})  # noqa: S104 (allowed)
    assert (settings.asks_who, settings.is_encrypted) == (True, True)


def test_on_loopback_nobody_has_to_be_known_and_cookies_need_no_encryption() -> None:
    settings = read_settings(GIVEN)
    assert (settings.asks_who, settings.is_encrypted) == (False, False)
    assert read_settings({**GIVEN, **OIDC}).is_encrypted


def test_a_provider_needs_all_that_it_knows_us_by() -> None:
    assert _faults(FEEDBACK_ROUTER_IDENTITIES="oidc") == [
        f"{name}: must be set with IDENTITIES=oidc" for name in sorted(OIDC) if not name.endswith("IDENTITIES")
    ]


def test_what_nothing_reads_of_a_provider_is_a_fault() -> None:
    assert _faults(FEEDBACK_ROUTER_OIDC_CLIENT_ID="feedback") == [
        "FEEDBACK_ROUTER_OIDC_CLIENT_ID: is read only with FEEDBACK_ROUTER_IDENTITIES=oidc"
    ]


def test_a_provider_elsewhere_is_asked_over_an_encrypted_connection() -> None:
    assert _faults(**OIDC | {"FEEDBACK_ROUTER_OIDC_ISSUER": "http://login.example.org"}) == [
        "FEEDBACK_ROUTER_OIDC_ISSUER: must begin with https:// unless it is of this machine"
    ]
    read_settings({**GIVEN, **OIDC, "FEEDBACK_ROUTER_OIDC_ISSUER": "http://127.0.0.1:8081"})


def test_a_provider_s_secret_is_not_printed() -> None:
    assert "hush" not in repr(read_settings({**GIVEN, **OIDC}))


@pytest.mark.parametrize("given", ["1", "2", "99", "auto"])
def test_processes_are_a_number_or_as_many_as_there_are_cores(given: str) -> None:
    assert read_settings({**GIVEN, "FEEDBACK_ROUTER_PROCESSES": given}).processes == given


@pytest.mark.parametrize("given", ["0", "-1", "100", "all"])
def test_other_numbers_of_processes_are_refused(given: str) -> None:
    (fault,) = _faults(FEEDBACK_ROUTER_PROCESSES=given)
    assert fault.startswith("FEEDBACK_ROUTER_PROCESSES: ")


def test_settings_can_be_handed_to_another_process() -> None:
    given = {"embedded": True, "relay_guarantee": RelayGuarantee.AT_LEAST_ONCE, "kafka_ssl_cafile": Path(__file__)}
    settings = read_settings({**GIVEN, "FEEDBACK_ROUTER_BATCH_LINGER": "0.5"}, **given)
    assert read_settings(environment_of(settings)) == settings
