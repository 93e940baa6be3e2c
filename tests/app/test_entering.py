"""Settings -> who comes in: anybody on this machine, nobody unknown beyond it, people of a provider that is named."""

from contextlib import AsyncExitStack
from typing import cast

import pytest

from service.adapters.openid import OpenIdProvider
from service.adapters.postgres.pool import Pool
from service.app.entering import entrance_of, provider_of
from service.core.pipeline.rules import Rules, compile_playbook
from service.settings import Settings, read_settings
from tests.builders import make_playbook

GIVEN = {
    "DATABASE_URL": "postgresql://db/router",
    "KAFKA_BOOTSTRAP_SERVERS": "kafka:9092",
    "FEEDBACK_ROUTER_PSEUDONYM_KEY": "a-long-enough-secret",
}
OIDC = {
    "FEEDBACK_ROUTER_IDENTITIES": "oidc",
    "FEEDBACK_ROUTER_PUBLIC_URL": "https://feedback.example.org:8443",
    "FEEDBACK_ROUTER_OIDC_ISSUER": "https://login.example.org",
    "FEEDBACK_ROUTER_OIDC_CLIENT_ID": "feedback",
    "FEEDBACK_ROUTER_OIDC_CLIENT_SECRET": "hush-hush",
}


async def rules() -> Rules:
    return compile_playbook(make_playbook())


def settings(**more: str) -> Settings:
    return read_settings({**GIVEN, **more})


@pytest.mark.parametrize(
    ("more", "is_open", "cookie", "host"),
    [
        ({}, True, "feedback-router", None),
        ({"FEEDBACK_ROUTER_API_TOKEN": "t"}, False, "feedback-router", None),
        (
            {"FEEDBACK_ROUTER_IDENTITIES": "keys", "FEEDBACK_ROUTER_HOST": "10.0.0.7"},
            False,
            "__Host-feedback-router",
            None,
        ),
        (OIDC, False, "__Host-feedback-router", "feedback.example.org:8443"),
    ],
    ids=["this machine", "a token", "beyond", "a provider"],
)
def test_the_settings_say_who_comes_in(more: dict[str, str], cookie: str, host: str | None, *, is_open: bool) -> None:
    # Nothing is read before somebody comes.
    entrance = entrance_of(settings(**more), cast("Pool", None), rules)
    assert (entrance.is_open, entrance.cookie, entrance.host) == (is_open, cookie, host)


async def test_people_are_sent_to_a_provider_where_one_is_named() -> None:
    async with AsyncExitStack() as stack:
        assert await provider_of(settings(), stack) is None
        assert isinstance(await provider_of(settings(**OIDC), stack), OpenIdProvider)
