"""What goes by apprise, and by the command that tests a channel from a terminal."""

import asyncio
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest
from typer.testing import CliRunner, Result

from service.adapters.postgres import PostgresShelf, open_pool
from service.cli.main import app
from service.core.pipeline.rules import compile_playbook
from service.core.playbook.digest import canonical_text
from service.core.records.deliveries import Attempt
from service.core.records.words import Attempted
from tests.adapters.channels.serving import Answer, send, serving
from tests.delivering import HOOK, OTHER, PAGER, SECRET, deliveries_of, story, told_by

# A module of the standard library that apprise asks for where it is.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")
NOTICE = deliveries_of(story(told_by(HOOK)))[0]


def json_address(url: str) -> str:
    """The address of a plain JSON receiver, as apprise writes it."""
    return f"json://{urlsplit(url).netloc}/"


async def test_apprise_hands_title_and_text_to_what_it_speaks_to() -> None:
    async with serving() as served:
        attempt = await send(NOTICE, OTHER, {SECRET: json_address(served.url)})
    assert attempt == Attempt(outcome=Attempted.ACCEPTED)
    (asked,) = served.asked
    assert asked.json()["title"] == "New alert: Late delivery · Shipping: 2 customers, high"
    assert "so late" in asked.json()["message"]


async def test_what_apprise_could_not_send_is_tried_again_and_an_address_that_it_does_not_know_waits() -> None:
    async with serving(Answer(status=500)) as served:
        failed = await send(NOTICE, OTHER, {SECRET: json_address(served.url)})
    unknown = await send(NOTICE, OTHER, {SECRET: "nothing at all"})
    assert (failed.outcome, unknown.outcome) == (Attempted.FAILED, Attempted.NOT_SET_UP)


async def test_without_the_extra_it_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "apprise", None)
    attempt = await send(NOTICE, OTHER, {SECRET: "json://localhost/"})
    assert attempt.outcome is Attempted.NOT_SET_UP


async def command(*arguments: str) -> Result:
    """Run a command as a terminal would, beside the loop of the test."""
    return await asyncio.to_thread(CliRunner().invoke, app, arguments)


def lines(result: Result) -> Sequence[dict[str, object]]:
    return [json.loads(line) for line in result.stdout.splitlines() if line.startswith("{")]


@pytest.mark.postgres
async def test_channels_are_listed_and_tested_from_a_terminal(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async with serving(Answer(status=202), Answer(status=400)) as served:
        playbook = told_by(HOOK, PAGER | {"url": served.url})
        pool = await open_pool(database, size=1)
        documents = {"playbook.yaml": canonical_text(playbook)}
        await PostgresShelf(pool).activate(compile_playbook(playbook).digest, "shop", documents, datetime.now(UTC))
        await pool.close()
        monkeypatch.setenv("DATABASE_URL", database)
        monkeypatch.setenv("FEEDBACK_ROUTER_CHANNELS_PRIVATE", "true")
        monkeypatch.setenv(SECRET, "routing-key")
        listed, taken, refused, unknown = [
            await command("channels", *words)
            for words in (("list",), ("test", "pager"), ("test", "pager"), ("test", "nobody"))
        ]
    assert [(one["channel"], one["kind"], one["breaker"]) for one in lines(listed)] == [
        ("hook", "webhook", "closed"),
        ("pager", "pagerduty", "closed"),
    ]
    assert (taken.exit_code, lines(taken)) == (0, [{"channel": "pager", "outcome": "accepted", "detail": "HTTP 202"}])
    assert (refused.exit_code, lines(refused)[0]["outcome"]) == (1, "refused")
    assert unknown.exit_code == 1
    assert [one.json()["event_action"] for one in served.asked] == ["resolve", "resolve"]
