from datetime import timedelta

import pytest

from service.core.playbook.digest import canonical_text, digest
from tests.api.world import World
from tests.builders import make_playbook, survey

NEW = canonical_text(make_playbook(name="A larger shop", routes={"team": "desk", "arbitration": "judges"}))
OLD = canonical_text(make_playbook())
WARNED = [
    {
        "file": "playbook.yaml",
        "line": 1,
        "column": NEW.index('"taxonomy":') + len('"taxonomy":') + 1,
        "path": "taxonomy",
        "message": f"2 of 3 categories have no keywords in {language}: refund, safety",
    }
    for language in ("de", "es", "fr")
]
BROKEN = """
version: 1
name: Broken
taxonomy:
  - {id: a, label: {en: A}, colour: red}
  - {id: b, label: {en: B}}
teams: [{id: t, name: T}]
routes: {team: u}
"""


async def _put(world: World, text: str) -> tuple[int, dict[str, object]]:
    answer = await world.client.put("/v1/playbook", json={"documents": {"playbook.yaml": text}})
    return answer.status_code, answer.json()


async def test_the_active_playbook_is_read_as_its_authors_wrote_it(world: World) -> None:
    assert await world.read("/v1/playbook") == {"digest": digest(OLD), "documents": {"playbook.yaml": OLD}}


async def test_a_playbook_without_faults_decides_from_the_next_batch_on(world: World) -> None:
    told = {"digest": digest(NEW), "name": "A larger shop", "changed": True, "warnings": WARNED}
    assert await _put(world, NEW) == (200, told)
    await world.read("/v1/teams")
    await world.push(timedelta(minutes=1), survey("r1", 0, "late, awful"))
    assert (await world.alert_of("desk"))["category"] == "delivery"


async def test_an_act_is_decided_by_the_playbook_that_is_active_then(world: World) -> None:
    await world.push(timedelta(minutes=1), survey("r1", 0, "late, awful"))
    alert = await world.alert_of("drivers")
    patient = canonical_text(make_playbook(fatigue={"ack_expiry": "48h"}))
    await _put(world, patient)
    done = await world.client.post(f"/v1/alerts/{alert['alert_id']}/ack", json={"revision": 0})
    assert done.json()["ack"] == {"by": "api", "until": "2026-05-06T09:01:00Z"}


async def test_the_same_playbook_again_changes_nothing(world: World) -> None:
    assert (await _put(world, OLD))[1]["changed"] is False


async def test_one_file_may_be_sent_as_yaml(world: World) -> None:
    answer = await world.client.put("/v1/playbook", content=NEW, headers={"Content-Type": "application/yaml"})
    assert (answer.status_code, answer.json()["digest"]) == (200, digest(NEW))


async def test_every_fault_is_told_and_nothing_is_activated(world: World) -> None:
    status, told = await _put(world, BROKEN)
    assert (status, told["type"], told["detail"]) == (422, "urn:feedback-router:problem:invalid-playbook", "2 faults")
    errors = told["errors"]
    assert isinstance(errors, list)
    assert [(one["file"], one["line"], one["path"]) for one in errors] == [
        ("playbook.yaml", 5, "taxonomy[0].colour"),
        ("playbook.yaml", 8, "routes.arbitration"),
    ]
    assert (await world.read("/v1/playbook"))["digest"] == digest(OLD)


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"{}", "application/json", 422),
        (b'{"documents": {}}', "application/json", 422),
        (b'{"documents": {"../a b": ""}}', "application/json", 422),
        (b'{"documents": {"a": ""}, "more": 1}', "application/json", 422),
        (b"not json", "application/json", 422),
        (b"\xff", "application/yaml", 400),
        (b"version: 1", "text/plain", 415),
    ],
)
async def test_a_body_that_holds_no_playbook_is_refused(
    small_world: World, body: bytes, kind: str, status: int
) -> None:
    answer = await small_world.client.put("/v1/playbook", content=body, headers={"Content-Type": kind})
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")


async def test_the_history_has_the_latest_activation_first(world: World) -> None:
    await _put(world, NEW)
    history = (await world.read("/v1/playbook/history"))["playbooks"]
    assert [(one["digest"], one["name"], one["active"]) for one in history] == [
        (digest(NEW), "A larger shop", True),
        (digest(OLD), "A small shop", False),
    ]
    earlier = await world.read(f"/v1/playbook/{digest(OLD)}")
    assert earlier == {"digest": digest(OLD), "documents": {"playbook.yaml": OLD}}


async def test_a_digest_that_never_was_active_is_not_found(world: World) -> None:
    assert (await world.get(f"/v1/playbook/{'0' * 64}")).status_code == 404
