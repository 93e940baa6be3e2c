"""Whether a customer is forgotten yet, read over HTTP: each request with its receipt, and nobody's name."""

from datetime import timedelta
from typing import Any

import httpx

from service.runtime.erasing import erase_some
from tests.api.world import World
from tests.builders import KEY, START, survey

HOUR = timedelta(hours=1)


def erasure(customer: str, request_id: str) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": f"forget-{customer}",
        "source": "/privacy",
        "type": "privacy.erasure.v1",
        "data": {"customer": customer, "request_id": request_id},
    }


async def test_a_request_is_listed_open_and_then_with_what_was_erased(world: World) -> None:
    await world.push(HOUR, survey("r1", 0, "late, says anna", customer="anna"), erasure("anna", "q-1"))
    (asked,) = (await world.read("/v1/erasures"))["erasures"]
    assert (asked["request_id"], asked["erased_at"], asked["erased"]) == ("q-1", None, {})
    await erase_some(world.store, world.rulebook.rules, KEY, START + 2 * HOUR)
    answer = await world.get("/v1/erasures")
    (done,) = answer.json()["erasures"]
    assert done == {**asked, "erased": done["erased"], "erased_at": "2026-05-04T11:00:00Z"}
    assert (done["erased"]["subjects"], done["erased"]["contributions"]) == (1, 1)
    assert not any(word in answer.text for word in ("anna", KEY.pseudonym("anna")))


async def test_pages_go_on_where_the_one_before_ended(world: World) -> None:
    for hour, name in enumerate(("anna", "ben", "cy"), start=1):
        await world.push(hour * HOUR, erasure(name, name))
    first = await world.read("/v1/erasures", params={"limit": 2})
    rest = await world.read("/v1/erasures", params={"limit": 2, "cursor": first["next"]})
    pages = [[one["request_id"] for one in page["erasures"]] for page in (first, rest)]
    assert (pages, rest["next"]) == ([["cy", "ben"], ["anna"]], None)
    forged = await world.get("/v1/erasures", params={"cursor": "e30"})
    assert forged.status_code == httpx.codes.BAD_REQUEST
