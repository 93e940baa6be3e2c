"""Every role, at every path, of its own team, of another and of all: one table, written by hand, on the real app.

A row says who may at all (V viewer, A agent, L lead, C cx_operations, M admin, U auditor), and what they are answered
where they have all teams, the team that the alert is of, or another one. Whoever else asks gets 403. What is asked for
changes nothing: 409 is an act by a revision that is ahead, 415 a body of the wrong type, 422 one that says nothing.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from service.api.guard import OPEN
from service.core.access import Role
from tests.api.following import following
from tests.api.people import person_of
from tests.api.world import World
from tests.builders import instance, survey

LETTERS = dict(zip("VALCMU", Role, strict=True))
TABLE = """
    GET    /v1/me                                                  | VALCMU | 200 | 200 | 200
    GET    /v1/teams                                               | VALCMU | 200 | 200 | 200
    GET    /v1/teams/{team}/queue                                  | VALCMU | 200 | 200 | 404
    GET    /v1/teams/{team}/stream                                 | VALCMU | 200 | 200 | 404
    GET    /v1/teams/{team}/digests                                | VALCMU | 200 | 200 | 404
    GET    /v1/alerts/{alert_id}                                   | VALCMU | 200 | 200 | 404
    GET    /v1/alerts/{alert_id}/events                            | VALCMU | 200 | 200 | 404
    GET    /v1/alerts/{alert_id}/notices                           | VALCMU | 200 | 200 | 404
    GET    /v1/alerts/{alert_id}/explain                           | VALCMU | 200 | 200 | 404
    GET    /v1/alerts/{alert_id}/cause                             | VALCMU | 200 | 200 | 404
    GET    /v1/alerts/{alert_id}/picture                           | VALCMU | 404 | 404 | 404
    POST   /v1/alerts/{alert_id}/ack                               | ALCM   | 409 | 409 | 404
    POST   /v1/alerts/{alert_id}/resolve                           | ALCM   | 409 | 409 | 404
    POST   /v1/alerts/{alert_id}/reassign                          | ALCM   | 409 | 409 | 404
    POST   /v1/alerts/{alert_id}/dispute                           | ALCM   | 409 | 409 | 404
    POST   /v1/alerts/{alert_id}/claim                             | ALCM   | 409 | 409 | 404
    POST   /v1/alerts/{alert_id}/unclaim                           | ALCM   | 409 | 409 | 404
    POST   /v1/alerts/{alert_id}/snooze                            | ALCM   | 409 | 409 | 404
    POST   /v1/alerts/{alert_id}/unsnooze                          | ALCM   | 409 | 409 | 404
    POST   /v1/alerts/{alert_id}/note                              | ALCM   | 409 | 409 | 404
    POST   /v1/alerts/{alert_id}/reopen                            | ALCM   | 409 | 409 | 404
    POST   /v1/alerts/batch                                        | ALCM   | 200 | 200 | 200
    GET    /v1/alerts/{alert_id}/timeline                          | VALCMU | 200 | 200 | 404
    POST   /v1/reviews/{alert_id}/cause                            | LCM    | 409 | 409 | 404
    POST   /v1/reviews/{alert_id}/action                           | LCM    | 409 | 409 | 404
    GET    /v1/reviews/{alert_id}                                  | VALCMU | 404 | 404 | 404
    GET    /v1/reviews/agenda                                      | VALCMU | 200 | 200 | 200
    GET    /v1/reviews                                             | LCM    | 200 | 403 | 403
    GET    /v1/events/{source}/{id}/explain                        | VALCMU | 200 | 200 | 404
    POST   /v1/events/{source}/{id}/refile                         | ALCM   | 422 | 422 | 404
    DELETE /v1/events/{source}/{id}/refile                         | ALCM   | 404 | 404 | 404
    GET    /v1/corrections                                         | LCM    | 200 | 403 | 403
    GET    /v1/rules/corrections                                   | LCM    | 200 | 403 | 403
    GET    /v1/rules/noise                                         | LCM    | 200 | 403 | 403
    GET    /v1/rules/proposals                                     | LCM    | 200 | 403 | 403
    GET    /v1/scorecards                                          | LCM    | 200 | 403 | 403
    GET    /v1/scorecards/closed-loop                              | LCM    | 200 | 403 | 403
    GET    /v1/audit                                               | U      | 200 | 403 | 403
    GET    /v1/erasures                                            | VALCMU | 200 | 403 | 403
    GET    /v1/silences                                            | LCM    | 200 | 403 | 403
    POST   /v1/silences                                            | LCM    | 422 | 403 | 403
    POST   /v1/silences/preview                                    | LCM    | 422 | 403 | 403
    GET    /v1/silences/{silence_id}                               | LCM    | 404 | 403 | 403
    POST   /v1/silences/{silence_id}/extend                        | LCM    | 404 | 403 | 403
    POST   /v1/silences/{silence_id}/lift                          | LCM    | 404 | 403 | 403
    GET    /v1/dead-letters                                        | LCM    | 200 | 403 | 403
    GET    /v1/dead-letters/{number}                               | LCM    | 404 | 403 | 403
    POST   /v1/dead-letters/{number}/requeue                       | LCM    | 404 | 403 | 403
    GET    /v1/channels                                            | LCM    | 200 | 403 | 403
    POST   /v1/channels/{channel}/test                             | CM     | 404 | 403 | 403
    GET    /v1/deliveries                                          | LCM    | 200 | 403 | 403
    GET    /v1/deliveries/{delivery}                               | LCM    | 404 | 403 | 403
    POST   /v1/deliveries/{delivery}/retry                         | LCM    | 404 | 403 | 403
    GET    /v1/processes/{process}/instances/{instance_id}         | VALCMU | 200 | 200 | 404
    GET    /v1/processes/{process}/versions                        | LCM    | 404 | 403 | 403
    GET    /v1/identities/{ref}                                    | VALCMU | 404 | 403 | 403
    POST   /v1/identities/{ref}/joins/{other}/split                | LCM    | 404 | 403 | 403
    POST   /v1/identities/{ref}/joins/{other}/lift                 | LCM    | 404 | 403 | 403
    GET    /v1/playbook                                            | VALCMU | 200 | 200 | 200
    GET    /v1/playbook/history                                    | VALCMU | 200 | 200 | 200
    GET    /v1/playbook/{digest}                                   | VALCMU | 404 | 404 | 404
    PUT    /v1/playbook                                            | CM     | 415 | 403 | 403
    GET    /v1/models                                              | VALCMU | 200 | 200 | 200
    GET    /v1/models/{digest}                                     | VALCMU | 404 | 404 | 404
    PUT    /v1/models                                              | CM     | 415 | 403 | 403
    POST   /v1/events                                              | M      | 415 | 415 | 415
    POST   /v1/intake/{source}                                     | M      | 404 | 404 | 404
"""
NOBODYS = "7a1de7f9-9d5c-5a55-8a3e-5b7c5e3c0d11"
NAMES = {
    "{team}": "drivers",
    "{source}/{id}": "/surveys/r1-1",
    "{process}": "shipping",
    "{instance_id}": "i1",
    "{silence_id}": NOBODYS,
    "{number}": "1",
    "{channel}": "nobody",
    "{delivery}": "nothing:1:hook",
    "{ref}": "k1:a",
    "{other}": "k1:b",
    "{digest}": "0" * 64,
    "{source}": "tool",
}
AHEAD = {"revision": 99, "by": "ana"}
BODIES: dict[str, dict[str, Any]] = {
    "reassign": AHEAD | {"team": "judges"},
    "dispute": AHEAD | {"team": "judges"},
    "snooze": AHEAD | {"until": "2026-05-04T12:00:00Z"},
    "note": AHEAD | {"text": "x"},
    "cause": AHEAD | {"text": "x"},
    "action": AHEAD | {"text": "x"},
    "refile": {"category": "no-such", "author": "ana"},
    "extend": AHEAD | {"ends_at": "2026-06-01T00:00:00Z"},
    "silences": {},
    "preview": {},
    "split": {"by": "ana", "reason": "x"},
    "lift": {"by": "ana"},
}
WORDS = "really late, awful"


def rows() -> Iterator[tuple[str, str, set[Role], dict[str, int]]]:
    for line in TABLE.strip().splitlines():
        asked, may, *answers = (cell.strip() for cell in line.split("|"))
        method, path = asked.split()
        reach = dict(zip(("all", "own", "other"), map(int, answers), strict=True))
        yield method, path, {LETTERS[letter] for letter in may}, reach


TEAMS: dict[str, tuple[str, ...]] = {"all": (), "own": ("drivers", "judges"), "other": ("legal", "refunds")}


async def late_parcel(world: World) -> str:
    """Decide one feedback about one instance, and return the drivers' alert."""
    await world.push(timedelta(), instance("i1", event_id="p1", keys=["SO-1"]))
    await world.push(timedelta(minutes=1), survey("r1", 0, WORDS, correlation={"instance": "i1"}))
    await world.wait(timedelta(minutes=10))
    return str((await world.alert_of("drivers"))["alert_id"])


def question(method: str, path: str, alert_id: str) -> dict[str, Any]:
    """Write the request of a row, as httpx takes it."""
    url = path.replace("{alert_id}", alert_id)
    for name, value in NAMES.items():
        url = url.replace(name, value)
    asked: dict[str, Any] = {"method": method, "url": url}
    if method == "DELETE":
        asked["params"] = {"author": "ana"}
    elif method in ("PUT", "POST") and path in ("/v1/playbook", "/v1/models", "/v1/events", "/v1/intake/{source}"):
        asked |= {"content": b"x", "headers": {"Content-Type": "text/csv"}}
    elif method == "POST":
        last = path.rpartition("/")[2]
        if last == "batch":
            asked["json"] = {"act": "ack", "by": "ana", "alerts": [{"alert_id": alert_id, "revision": 99}]}
            return asked
        asked["json"] = AHEAD if path.endswith("{silence_id}/lift") else BODIES.get(last, AHEAD)
    return asked


async def answer(world: World, asked: dict[str, Any], headers: dict[str, str]) -> tuple[int, str]:
    if asked["url"].endswith("/stream"):
        async with following(world, token=headers["Authorization"]) as console:
            await console.until(1)
            return console.status, console.body.decode()
    given = await world.client.request(**{**asked, "headers": {**asked.get("headers", {}), **headers}})
    return given.status_code, given.text


@pytest.mark.parametrize("reach", TEAMS)
async def test_each_role_is_answered_as_the_table_says(small_world: World, reach: str) -> None:
    alert_id = await late_parcel(small_world)
    people = {role: await person_of(small_world, role, *TEAMS[reach]) for role in Role}
    found, wanted, seen, read = {}, {}, [], []
    for method, path, may, answers in rows():
        for role, headers in people.items():
            asked = question(method, path, alert_id)
            status, text = await answer(small_world, asked, headers)
            found[method, path, role.value] = status
            wanted[method, path, role.value] = answers[reach] if role in may else 403
            # A batch says of each alert that was named what came of it.
            found_it = WORDS in text or (alert_id in text and not path.endswith("/batch"))
            seen += [path] if reach == "other" and found_it else []
            read += [path] if role in (Role.VIEWER, Role.AUDITOR) and WORDS in text else []
    assert {key: status for key, status in found.items() if status != wanted[key]} == {}
    assert (seen, read) == ([], [])


async def test_who_may_read_verbatims_does_and_others_see_all_but_these(small_world: World) -> None:
    alert_id = await late_parcel(small_world)
    shown = {}
    for role in (Role.AGENT, Role.VIEWER):
        headers = await person_of(small_world, role, "drivers")
        body = await small_world.read(f"/v1/alerts/{alert_id}", headers=headers)
        shown[role] = ([one["text"] for one in body.pop("excerpts")], body)
    assert shown[Role.AGENT] == ([WORDS], shown[Role.VIEWER][1])
    assert shown[Role.VIEWER][0] == []


async def test_nobody_is_answered_by_no_path(small_world: World) -> None:
    alert_id = await late_parcel(small_world)
    answers = {
        (method, path): (await answer(small_world, question(method, path, alert_id), {"Authorization": ""}))[0]
        for method, path, _, _ in rows()
    }
    assert set(answers.values()) == {401}


async def test_the_table_has_every_path_that_needs_somebody(small_world: World) -> None:
    described = (await small_world.read("/openapi.json"))["paths"]
    promised = {(method.upper(), path) for path, ways in described.items() for method in ways if path not in OPEN}
    assert {(method, path) for method, path, _, _ in rows()} == promised
