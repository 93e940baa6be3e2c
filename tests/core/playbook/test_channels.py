"""Channels in a playbook: what is refused, with the place of each fault."""

from typing import Any

import pytest
import yaml

from service.adapters.playbook_files import load_text
from tests.builders import make_playbook
from tests.delivering import ALL, HOOK, MAIL, SECRET, SLACK, TEAMS, told_by


def faults(channels: list[dict[str, Any]], uses: list[Any]) -> list[tuple[str, str]]:
    """Return path and message of each fault of a shop whose drivers use these channels."""
    document = make_playbook().model_dump(by_alias=True, mode="json", exclude_defaults=True)
    document |= {"channels": channels}
    document["teams"][1]["channels"] = uses
    loaded = load_text({"playbook.yaml": yaml.safe_dump(document, sort_keys=False)})
    return [(".".join(map(str, one.path)), one.message) for one in loaded.faults]


def test_every_kind_of_channel_makes_a_playbook_without_faults() -> None:
    assert faults([*ALL], [one["id"] for one in ALL]) == []
    assert len(told_by(*ALL).channels) == 6


_NAMED = "a name or password has no place in an address; name a secret"


@pytest.mark.parametrize(
    ("channel", "path", "message"),
    [
        (HOOK | {"url": "http://10.1.2.3/x"}, "url", "http would be read on the way; write https"),
        (HOOK | {"url": "https://me:pw@example.com"}, "url", _NAMED),
        (HOOK | {"url": "ftp://example.com"}, "url", "is no address; write one such as https://example.com/hook"),
        (HOOK | {"url": "https://example.com:port"}, "url", "is no address; write one such as https://example.com/hook"),
        (HOOK | {"url": "https://exa mple.com"}, "url", "an address has no blanks and no control characters"),
        (HOOK | {"url": "https://169.254.169.254/"}, "url", "no other machine's service is at that address"),
        (MAIL | {"host": "169.254.169.254"}, "host", "169.254.169.254 is the address of no mail server"),
        (SLACK | {"channel": "#care"}, "channel", "String should match pattern '^[A-Z0-9]{3,30}$'"),
    ],
)  # fmt: skip
def test_an_address_that_must_not_be_sent_to_is_refused_where_it_stands(
    channel: dict[str, Any], path: str, message: str
) -> None:
    assert faults([channel], [channel["id"]]) == [(f"channels.0.{path}", message)]


def test_http_is_for_the_machine_itself() -> None:
    for host in ("localhost", "127.0.0.1", "[::1]"):
        assert faults([HOOK | {"url": f"http://{host}:8080/x"}], ["hook"]) == []


def test_a_secret_is_named_under_our_prefix_so_that_nothing_else_of_the_environment_can_be_sent() -> None:
    for name in ("DATABASE_URL", "FEEDBACK_ROUTER_PSEUDONYM_KEY", "FEEDBACK_ROUTER_SECRET_", "whsec_abc"):
        ((path, _),) = faults([HOOK | {"secret": name}], ["hook"])
        assert path == "channels.0.secret"


def test_mail_goes_in_clear_to_the_machine_itself_alone_and_a_name_has_a_password() -> None:
    assert "without TLS" in faults([MAIL | {"security": "none"}], ["mail"])[0][1]
    assert faults([MAIL | {"security": "none", "host": "127.0.0.1"}], ["mail"]) == []
    assert "go together" in faults([MAIL | {"user": "router"}], ["mail"])[0][1]
    assert faults([MAIL | {"user": "router", "secret": SECRET}], ["mail"]) == []


def test_what_belongs_to_another_kind_and_a_kind_that_there_is_not_are_refused() -> None:
    assert faults([TEAMS | {"url": "https://example.com"}], ["teams"]) == [
        ("channels.0.url", "is not a field here; correct its name or take it out")
    ]
    ((path, message),) = faults([HOOK | {"kind": "pigeon"}], [])
    assert path == "channels.0"
    assert "'webhook', 'slack', 'msteams', 'email', 'pagerduty', 'apprise'" in message
    hook = {name: value for name, value in SLACK.items() if name != "channel"}
    assert faults([hook | {"url": "https://slack-gov.com/api"}], ["slack"]) == [
        ("channels.0.url", "only a bot, which names its channel, has an address; an incoming webhook's is the secret")
    ]


def test_uses_name_channels_that_there_are_once_and_every_channel_is_used() -> None:
    assert faults([HOOK], ["hook", "hok", {"channel": "hook", "min_severity": "high"}]) == [
        ("teams.1.channels.1", "'hok' is not a known channel; did you mean hook?"),
        ("teams.1.channels.2", "hook is named twice here; say all of it in one place"),
    ]
    assert faults([HOOK, HOOK, SLACK], ["hook"]) == [
        ("channels.1.id", "'hook' is in channels already; give each its own id"),
        ("channels.2.id", "no team is told by this channel; name it in a team's channels, or take it out"),
    ]
    ((path, _),) = faults([HOOK], [{"channel": "hook", "reasons": ["whenever"]}])
    assert path == "teams.1.channels.0.reasons.0"
