"""`keys`: API keys made, listed and revoked; a key is printed once, and only its digest is kept."""

import secrets
import string
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import typer

from service.adapters.playbook_files import load_text
from service.adapters.postgres import PostgresKeys, PostgresShelf
from service.adapters.postgres.pool import Pool
from service.cli.operations import with_database
from service.cli.speech import answer, at_the_terminal, fail, say
from service.core.access import MAY, RESERVED, Permission, Role
from service.core.access.keys import ID_LENGTH, SECRET_BYTES, ApiKey, digest_of, key_text
from service.core.describe import instant

keys = typer.Typer(help="Make API keys for people and programs, list and revoke them.", no_args_is_help=True)
_ALPHABET = string.ascii_lowercase + string.digits
_LONGEST_NAME = 100


@keys.command("create")
def create_key(
    name: Annotated[str, typer.Option(help="Whose key it is: teams and the audit read this.")],
    role: Annotated[Role, typer.Option(help="What its bearer is.")],
    team: Annotated[list[str] | None, typer.Option(help="A team that it is for; may be given several times.")] = None,
    all_teams: Annotated[bool, typer.Option("--all-teams", help="It is for all teams.")] = False,  # noqa: FBT002 - a switch
    permission: Annotated[
        list[Permission] | None, typer.Option(help="Only these of the role's; may be given several times.")
    ] = None,
    days: Annotated[int, typer.Option(min=1, max=3650, help="For how many days it counts.")] = 365,
) -> None:
    """Make a key and print it, once."""
    if not name.isprintable() or not 0 < len(name.strip()) <= _LONGEST_NAME or name.strip().lower() in RESERVED:
        taken = " and ".join(sorted(RESERVED))
        fail(f"--name: write 1 to {_LONGEST_NAME} characters that can be read; {taken} are taken.")
    if bool(team) == all_teams:
        fail("Say whom the key is for: either --team once or more, or --all-teams.")
    if beyond := set(permission or ()) - MAY[role]:
        fail(f"--permission: {role.value} has no {', '.join(sorted(beyond))}.")
    secret, now = secrets.token_urlsafe(SECRET_BYTES), datetime.now(UTC)
    key = ApiKey(
        key_id="".join(secrets.choice(_ALPHABET) for _ in range(ID_LENGTH)),
        digest=digest_of(secret),
        name=name.strip(),
        role=role,
        permissions=frozenset(permission) if permission else None,
        teams=frozenset(team) if team else None,
        created_at=now,
        expires_at=now + timedelta(days=days),
    )

    async def run(pool: Pool) -> None:
        for one in sorted(set(team or ()) - await _teams(pool)):
            say(f"The active playbook has no team {one} now.")
        if not await PostgresKeys(pool).keep(key, at_the_terminal()):
            fail("The id that was drawn is taken; try again.")
        answer({**_shown(key), "key": key_text(key.key_id, secret)})

    with_database(run)
    say("This is the only time that the key is shown. Send it as `Authorization: Bearer KEY`, or sign in with it.")


@keys.command("list")
def list_keys() -> None:
    """List the keys, one JSON object a line, the latest first."""

    async def run(pool: Pool) -> None:
        for key in await PostgresKeys(pool).keys():
            answer(_shown(key))

    with_database(run)


@keys.command("revoke")
def revoke_key(key_id: Annotated[str, typer.Argument(metavar="ID", help="Its id in the list.")]) -> None:
    """End a key for good; within five seconds nobody comes in by it, nor by a session that it opened."""

    async def run(pool: Pool) -> None:
        if not await PostgresKeys(pool).revoke(key_id, datetime.now(UTC), at_the_terminal()):
            fail(f"There is no key {key_id} that counts; `feedback-router keys list` shows their ids.")
        answer({"revoked": key_id})

    with_database(run)


async def _teams(pool: Pool) -> set[str]:
    active = await PostgresShelf(pool).active()
    playbook = None if active is None else load_text(active[1]).playbook
    return set() if playbook is None else {str(one.id) for one in playbook.teams}


def _shown(key: ApiKey) -> dict[str, Any]:
    return {
        "id": key.key_id,
        "name": key.name,
        "role": key.role.value,
        "permissions": None if key.permissions is None else sorted(key.permissions),
        "teams": None if key.teams is None else sorted(key.teams),
        "created_at": instant(key.created_at),
        "expires_at": None if key.expires_at is None else instant(key.expires_at),
        "revoked_at": None if key.revoked_at is None else instant(key.revoked_at),
        "last_used_on": None if key.last_used_on is None else key.last_used_on.isoformat(),
    }
