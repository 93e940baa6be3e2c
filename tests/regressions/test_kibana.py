"""Troubles told of Kibana's alerting, by their threads, and how they go here."""

import pytest

from tests.builders import with_routes
from tests.ports.conftest import Rig
from tests.regressions.retelling import late
from tests.story import Story, days, hours, minutes, seconds

pytestmark = pytest.mark.postgres


@pytest.mark.parametrize("wait", ["0s", "10m", "6h"])
async def test_239852_without_flap_detection_an_alert_that_waits_is_told(rig: Rig, wait: str) -> None:
    waited = {"0s": seconds(0), "10m": minutes(10), "6h": hours(6)}[wait]
    async with Story(with_routes({"id": "all", "team": "drivers", "wait": wait}), on=rig) as story:
        story.push(late(1), at=hours(1))
        story.want(hours(1) + waited, queue="drivers", reason="opened", severity="high")
        story.wait(days(1))
