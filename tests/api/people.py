"""Roles and teams -> keys in a world, and the headers that show them."""

from collections.abc import Iterable
from dataclasses import replace

from service.core.access import Permission, Role
from service.core.access.keys import ApiKey, digest_of, key_text
from tests.api.world import World
from tests.builders import START

SECRET = "k" * 43
KEY = ApiKey(
    key_id="0123456789",
    digest=digest_of(SECRET),
    name="ana",
    role=Role.AGENT,
    permissions=None,
    teams=frozenset({"drivers"}),
    created_at=START,
)


def bearing(key: ApiKey) -> dict[str, str]:
    return {"Authorization": f"Bearer {key_text(key.key_id, SECRET)}"}


async def person_of(
    world: World, role: Role, *teams: str, permissions: Iterable[Permission] | None = None
) -> dict[str, str]:
    """Give somebody a key for these teams, all where none is named, and return the headers that show it."""
    given = None if permissions is None else frozenset(permissions)
    number = len(await world.keys.keys())
    key = replace(
        KEY,
        key_id=f"{number:010}",
        name=f"{role.value} of {' and '.join(teams) or 'all'}",
        role=role,
        permissions=given,
        teams=frozenset(teams) or None,
    )
    assert await world.keys.keep(key)
    return bearing(key)
