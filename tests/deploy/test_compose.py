"""deploy/compose.yaml: valid, without a secret of its own, and with an environment that the service accepts."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from compose_spec import PyCompose

from service.settings import RelayGuarantee, Settings, SettingsError, read_settings
from tests.deploy.dockerfile import instructions

TREE = Path(__file__).parents[2]
TEXT = (TREE / "deploy" / "compose.yaml").read_text(encoding="utf-8")
REQUIRED = re.compile(r"\$\{(\w+):\?[^}]+\}")
SECRETS = {
    "POSTGRES_PASSWORD": "postgres123",
    "FEEDBACK_ROUTER_API_TOKEN": "token-of-a-test",
    "FEEDBACK_ROUTER_PSEUDONYM_KEY": "key-of-a-test-only",
}
OURS = ("feedback-router", "migrate")


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(TEXT)["services"]
    return found


def settings(services: dict[str, Any], name: str, given: dict[str, str]) -> Settings:
    """Read the settings as the container would see them, with the mounted playbook where it lies in the tree."""
    environment = {
        key: REQUIRED.sub(lambda found: given.get(found[1], ""), value)
        for key, value in services[name]["environment"].items()
    }
    mounts = dict(volume.split(":")[:2][::-1] for volume in services[name]["volumes"])
    environment["FEEDBACK_ROUTER_PLAYBOOK"] = str(TREE / "deploy" / mounts[environment["FEEDBACK_ROUTER_PLAYBOOK"]])
    return read_settings(image_environment() | environment)


def image_environment() -> dict[str, str]:
    words = [
        word
        for step in instructions((TREE / "Dockerfile").read_text(encoding="utf-8"))
        if step.name == "ENV"
        for word in step.words
    ]
    return {
        key: value for key, _, value in (word.partition("=") for word in words) if key.startswith("FEEDBACK_ROUTER_")
    }


def compose(text: str) -> PyCompose:
    # Merge keys are resolved first, as an engine does too.
    return PyCompose.from_yaml(yaml.safe_dump(yaml.safe_load(text)))


def test_an_engine_would_read_it() -> None:
    compose(TEXT).validate()


def test_a_misspelt_key_would_be_refused() -> None:
    with pytest.raises(ValueError, match="healthchek"):
        compose(TEXT.replace("healthcheck:", "healthchek:"))


@pytest.mark.parametrize("name", OURS)
def test_the_service_accepts_its_environment(services: dict[str, Any], name: str) -> None:
    read = settings(services, name, SECRETS)
    assert (read.host, read.port, read.relay_guarantee) == ("0.0.0.0", 8080, RelayGuarantee.TRANSACTIONAL)  # noqa: S104
    assert (
        read.database_url.get_secret_value() == "postgresql://feedback_router:postgres123@postgres:5432/feedback_router"
    )


@pytest.mark.parametrize("missing", ["FEEDBACK_ROUTER_API_TOKEN", "FEEDBACK_ROUTER_PSEUDONYM_KEY"])
def test_without_a_secret_the_service_refuses_to_start(services: dict[str, Any], missing: str) -> None:
    with pytest.raises(SettingsError, match=missing):
        settings(services, "feedback-router", SECRETS | {missing: ""})


def test_every_secret_has_to_be_given(services: dict[str, Any]) -> None:
    assert set(REQUIRED.findall(TEXT)) == set(SECRETS)
    told = {
        key: value
        for service in services.values()
        for key, value in service.get("environment", {}).items()
        if re.search("PASSWORD|TOKEN|PSEUDONYM_KEY|SECRET", key)
    }
    assert {key for key, value in told.items() if not REQUIRED.fullmatch(value)} == set()


@pytest.mark.parametrize("name", OURS)
def test_our_containers_can_write_nowhere_but_tmp_and_gain_no_rights(services: dict[str, Any], name: str) -> None:
    ours = services[name]
    assert (ours["read_only"], ours["tmpfs"], ours["cap_drop"]) == (True, ["/tmp"], ["ALL"])  # noqa: S108
    assert ours["security_opt"] == ["no-new-privileges:true"]
    assert [volume for volume in ours["volumes"] if not volume.endswith(":ro")] == []


def test_ports_are_open_on_loopback_alone(services: dict[str, Any]) -> None:
    ports = [port for service in services.values() for port in service.get("ports", ())]
    hosts = {port["host_ip"] if isinstance(port, dict) else port.split(":")[0] for port in ports}
    assert hosts == {"127.0.0.1"}


def test_whatever_is_waited_for_says_when_it_is_ready(services: dict[str, Any]) -> None:
    healthy = {
        name
        for service in services.values()
        for name, wait in service.get("depends_on", {}).items()
        if wait["condition"] == "service_healthy"
    }
    # Our own image brings its check along.
    assert {name for name in healthy if "healthcheck" not in services[name]} == {"feedback-router"}


def test_whatever_is_mounted_or_waited_for_is_there(services: dict[str, Any]) -> None:
    mounts = {volume.split(":")[0] for service in services.values() for volume in service.get("volumes", ())}
    assert [mount for mount in mounts if mount.startswith(".") and not (TREE / "deploy" / mount).exists()] == []
    assert {mount for mount in mounts if not mount.startswith(".")} == yaml.safe_load(TEXT)["volumes"].keys()
    assert {name for service in services.values() for name in service.get("depends_on", {})} <= services.keys()


def test_prometheus_scrapes_the_service_by_the_name_and_port_it_has(services: dict[str, Any]) -> None:
    document = yaml.safe_load((TREE / "deploy" / "prometheus" / "prometheus.yml").read_text(encoding="utf-8"))
    asked = [job["dns_sd_configs"][0] for job in document["scrape_configs"]]
    assert [(one["names"], one["port"]) for one in asked] == [(["feedback-router"], 8080)]
    assert [port["target"] for port in services["feedback-router"]["ports"]] == [8080]
