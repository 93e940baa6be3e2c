"""Models over HTTP: stored if they can be opened, and in force as soon as a playbook that names one is active."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from service.core.playbook.digest import canonical_text
from service.ports import MOST_BYTES
from tests.api.world import World
from tests.builders import survey
from tests.listening import WORDS, digest_of, listening, model_file

MODEL = model_file()
DIGEST = digest_of(MODEL)
BINARY = {"Content-Type": "application/octet-stream"}


async def put(world: World, body: bytes = MODEL, name: str = "shop") -> httpx.Response:
    return await world.client.put("/v1/models", params={"name": name}, content=body, headers=BINARY)


async def activate(world: World, body: bytes = MODEL, **changes: Any) -> httpx.Response:  # noqa: ANN401 - parts of a playbook
    text = canonical_text(listening(body, **changes))
    return await world.client.put("/v1/playbook", json={"documents": {"playbook.yaml": text}})


async def test_a_model_is_stored_once_and_listed(world: World) -> None:
    shown = {
        "digest": DIGEST,
        "name": "shop",
        "size": len(MODEL),
        "stored_at": "2026-05-04T09:00:00Z",
        "active": False,
    }
    assert (await put(world)).json() == {**shown, "new": True}
    assert (await put(world, name="other")).json() == {**shown, "new": False}
    assert await world.read("/v1/models") == {"models": [shown]}
    assert await world.read(f"/v1/models/{DIGEST}") == {**shown, "report": {"words": len(WORDS)}}


async def test_what_can_not_be_opened_is_refused_and_not_stored(world: World) -> None:
    answer = await put(world, b"{")
    assert (answer.status_code, answer.json()["type"], answer.json()["detail"]) == (
        422,
        "urn:feedback-router:problem:invalid-model",
        "it is not JSON",
    )
    assert await world.read("/v1/models") == {"models": []}


async def test_a_playbook_whose_model_is_not_stored_is_refused_and_says_what_to_do(world: World) -> None:
    answer = await activate(world)
    (fault,) = answer.json()["errors"]
    assert (answer.status_code, fault["path"]) == (422, "classifier.model")
    assert f"the model {DIGEST} is not stored; put its file beside the playbook" in fault["message"]
    assert "feedback-router models add FILE" in fault["message"]


async def test_a_model_that_names_what_the_taxonomy_lacks_is_refused(world: World) -> None:
    body = model_file({"delivery": ["courier"], "travel": ["plane"]})
    await put(world, body)
    answer = await activate(world, body)
    (fault,) = answer.json()["errors"]
    assert fault["message"].startswith("the model names what the taxonomy lacks: travel; add each as an id or a label")


async def test_the_model_of_the_active_playbook_decides_and_every_answer_names_it(world: World) -> None:
    await put(world)
    assert (await activate(world)).status_code == 200
    await world.read("/v1/teams")
    await world.push(timedelta(minutes=1), survey("r1", 0, "the courier came"))
    explained = await world.read("/v1/events//surveys/r1-1/explain")
    decision = explained["decision"]
    assert (decision["category"], decision["category_method"], decision["model"]) == ("delivery", "model", DIGEST)
    assert explained["why"]["category"]["model"]["said"].startswith("no label and no keyword spoke")
    assert explained["rules"]["category"]["model"]["use"] == "decided"
    assert (await world.read(f"/v1/models/{DIGEST}"))["active"] is True
    assert (await world.read("/readyz"))["classifier"] == {"model": DIGEST, "missing": []}


async def test_what_a_model_lacks_here_is_told_and_it_works_without(world: World) -> None:
    body = model_file(missing=["vectors"])
    await put(world, body)
    await activate(world, body)
    await world.read("/v1/teams")
    ready = await world.read("/readyz")
    assert (ready["ready"], ready["classifier"]) == (True, {"model": digest_of(body), "missing": ["vectors"]})


@pytest.mark.parametrize(
    ("headers", "status"), [({"Content-Type": "application/json"}, 415), ({**BINARY, "Content-Length": "x"}, 400)]
)
async def test_a_body_that_is_no_file_is_refused(small_world: World, headers: dict[str, str], status: int) -> None:
    answer = await small_world.client.put("/v1/models", content=MODEL, headers=headers)
    assert answer.status_code == status


async def test_a_model_may_be_larger_than_any_other_body_but_not_without_end(small_world: World) -> None:
    large = model_file({"delivery": ["courier" * 300_000]})
    assert (await put(small_world, large)).status_code == 200
    headers = {**BINARY, "Content-Length": str(MOST_BYTES + 1)}
    answer = await small_world.client.put("/v1/models", content=b"", headers=headers)
    assert answer.status_code == 413


@pytest.mark.parametrize("path", ["/v1/models/" + "0" * 64, "/v1/models/short"])
async def test_a_model_that_nobody_stored_is_not_found(small_world: World, path: str) -> None:
    assert (await small_world.get(path)).status_code in (404, 422)
