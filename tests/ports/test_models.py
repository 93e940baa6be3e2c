"""Where models are kept: what lies under a digest stays as it was stored first."""

from dataclasses import replace
from datetime import timedelta

from service.ports import StoredModel
from tests.builders import START
from tests.ports.conftest import Rig

MODEL = StoredModel(
    digest="a1" * 32, name="shop", size=5, report={"accuracy": 0.93, "labels": ["late", "gone"]}, stored_at=START
)
BODY = b"\x00\xff\n\x01\x02"


async def test_a_model_is_read_back_as_it_was_stored(rig: Rig) -> None:
    assert await rig.models.store(MODEL, BODY)
    assert (await rig.models.model(MODEL.digest), await rig.models.body(MODEL.digest)) == (MODEL, BODY)


async def test_the_same_digest_again_changes_nothing(rig: Rig) -> None:
    await rig.models.store(MODEL, BODY)
    again = replace(MODEL, name="other", report={}, stored_at=START + timedelta(hours=1))
    assert not await rig.models.store(again, b"other")
    assert (await rig.models.models(), await rig.models.body(MODEL.digest)) == ([MODEL], BODY)


async def test_the_model_that_was_stored_last_is_listed_first(rig: Rig) -> None:
    later = replace(MODEL, digest="b2" * 32, stored_at=START + timedelta(hours=1))
    for one in (later, MODEL):
        await rig.models.store(one, BODY)
    assert await rig.models.models() == [later, MODEL]


async def test_a_digest_that_nobody_stored_has_nothing(rig: Rig) -> None:
    assert (await rig.models.model("c3" * 32), await rig.models.body("c3" * 32)) == (None, None)


async def test_a_model_of_megabytes_is_kept_whole(rig: Rig) -> None:
    body = bytes(range(256)) * 16_384
    await rig.models.store(replace(MODEL, size=len(body)), body)
    stored = await rig.models.model(MODEL.digest)
    assert (stored and stored.size, await rig.models.body(MODEL.digest)) == (len(body), body)
