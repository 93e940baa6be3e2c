"""Where keys and sessions are kept: what is ended stays ended, and what is long over is forgotten."""

from dataclasses import replace
from datetime import date, timedelta

from service.core.access import Permission, Role
from service.core.access.keys import ApiKey, digest_of
from service.core.access.sessions import Session
from tests.builders import START
from tests.ports.conftest import Rig

KEY = ApiKey(
    key_id="0123456789",
    digest=digest_of("secret"),
    name="Zoë's console",
    role=Role.LEAD,
    permissions=frozenset({Permission.READ, Permission.ACT}),
    teams=frozenset({"drivers", "legal"}),
    created_at=START,
    expires_at=START + timedelta(days=90),
)
SESSION = Session(
    digest=digest_of("cookie"),
    name="Zoë",
    subject="oidc:7",
    key_id=None,
    groups=("ops", "leads"),
    csrf="c",
    created_at=START,
    seen_at=START,
)
LATER = START + timedelta(hours=1)


async def test_a_key_is_read_back_as_it_was_kept(rig: Rig) -> None:
    whole = replace(KEY, key_id="abcdefghij", permissions=None, teams=None, expires_at=None, created_at=LATER)
    assert [await rig.keys.keep(one) for one in (KEY, whole)] == [True, True]
    assert (await rig.keys.key(KEY.key_id), await rig.keys.key("nobodys000")) == (KEY, None)
    assert await rig.keys.keys() == [whole, KEY]


async def test_an_id_that_is_taken_is_not_given_again(rig: Rig) -> None:
    await rig.keys.keep(KEY)
    assert not await rig.keys.keep(replace(KEY, name="other"))
    assert await rig.keys.key(KEY.key_id) == KEY


async def test_a_key_is_revoked_once(rig: Rig) -> None:
    await rig.keys.keep(KEY)
    ended = [await rig.keys.revoke(one, LATER) for one in (KEY.key_id, KEY.key_id, "nobodys000")]
    assert (ended, await rig.keys.key(KEY.key_id)) == ([True, False, False], replace(KEY, revoked_at=LATER))


async def test_the_day_of_a_keys_last_use_never_goes_back(rig: Rig) -> None:
    await rig.keys.keep(KEY)
    for day in (date(2026, 5, 4), date(2026, 5, 6), date(2026, 5, 5)):
        await rig.keys.used(KEY.key_id, day)
    await rig.keys.used("nobodys000", date(2026, 5, 4))
    assert await rig.keys.keys() == [replace(KEY, last_used_on=date(2026, 5, 6))]


async def test_a_session_is_read_back_seen_and_ended(rig: Rig) -> None:
    await rig.sessions.open(SESSION, START)
    assert await rig.sessions.session(SESSION.digest) == SESSION
    await rig.sessions.seen(SESSION.digest, LATER)
    await rig.sessions.seen(SESSION.digest, START)
    ends = [await rig.sessions.end(one, LATER) for one in (SESSION.digest, SESSION.digest, "none")]
    assert (ends, await rig.sessions.session(SESSION.digest)) == (
        [True, False, False],
        replace(SESSION, seen_at=LATER, ended_at=LATER),
    )


async def test_a_new_session_forgets_those_that_are_long_over(rig: Rig) -> None:
    by_key = replace(SESSION, digest="other", key_id=KEY.key_id, groups=(), created_at=LATER, seen_at=LATER)
    await rig.sessions.open(SESSION, START)
    await rig.sessions.open(by_key, START + timedelta(minutes=1))
    assert (await rig.sessions.session(SESSION.digest), await rig.sessions.session("other")) == (None, by_key)
