"""The commands about keys, on a real database: a key that is made is one that the API takes, until it is revoked."""

import json
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from service.cli.main import app
from service.core.access.keys import digest_of, key_parts


class Keys:
    """`feedback-router keys` over one database."""

    def __init__(self, dsn: str) -> None:
        self._environment = {"DATABASE_URL": dsn}

    def run(self, *arguments: str) -> Result:
        return CliRunner().invoke(app, ["keys", *arguments], env=self._environment)

    def told(self, *arguments: str) -> list[dict[str, Any]]:
        ended = self.run(*arguments)
        assert ended.exit_code == 0, ended.output
        return [json.loads(line) for line in ended.stdout.splitlines() if line.startswith("{")]


@pytest.fixture
def keys(database: str) -> Keys:
    return Keys(database)


def test_a_key_is_shown_once_and_listed_without_its_secret(keys: Keys) -> None:
    (made,) = keys.told("create", "--name", "Zoë", "--role", "agent", "--team", "legal", "--team", "drivers")
    parts = key_parts(made.pop("key"))
    assert parts is not None
    assert (parts[0], made["teams"], made["permissions"]) == (made["id"], ["drivers", "legal"], None)
    assert keys.told("list") == [made]
    assert digest_of(parts[1]) not in keys.run("list").output


def test_a_key_is_revoked_once(keys: Keys) -> None:
    command = ("create", "--name", "tool", "--role", "admin", "--all-teams", "--permission", "publish", "--days", "30")
    (made,) = keys.told(*command)
    assert keys.told("revoke", made["id"]) == [{"revoked": made["id"]}]
    (listed,) = keys.told("list")
    assert (listed["permissions"], listed["teams"], listed["revoked_at"] is None) == (["publish"], None, False)
    again = keys.run("revoke", made["id"])
    assert (again.exit_code, "no key" in again.output) == (1, True)


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("--name", "a", "--role", "agent"), "either --team"),
        (("--name", "a", "--role", "agent", "--team", "x", "--all-teams"), "either --team"),
        (("--name", "operator", "--role", "admin", "--all-teams"), "are taken"),
        (("--name", " ", "--role", "admin", "--all-teams"), "characters"),
        (("--name", "a", "--role", "viewer", "--all-teams", "--permission", "act"), "viewer has no act"),
    ],
)
def test_a_key_that_would_say_what_is_not_so_is_not_made(keys: Keys, arguments: tuple[str, ...], why: str) -> None:
    ended = keys.run("create", *arguments)
    assert (ended.exit_code, why in ended.output) == (1, True)
    assert keys.told("list") == []
