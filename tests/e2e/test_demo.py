"""The demo, as a newcomer runs it: nothing but Python, and an end with a summary that says how it went."""

import asyncio
import json
import os

from tests.e2e.served import command


async def test_nine_weeks_of_a_retailer_end_with_balanced_books_and_a_review_of_each_level() -> None:
    process = await asyncio.create_subprocess_exec(
        *command("demo", "--events", "5000", "--exit-when-done"),
        env={"PATH": os.environ.get("PATH", "")},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, talk = await asyncio.wait_for(process.communicate(), 300)
    assert process.returncode == 0, talk.decode()
    summary = json.loads(out)
    assert (summary["consumed"], summary["balanced"]) == (5_000, True)
    assert summary["review_levels"]["formal_review"] == ["delivery/delivery_delay"]
    assert "click-and-collect/locker_fault" in summary["review_levels"]["local_adjustment"]
    kinds = summary["alerts_by_kind"]
    assert set(kinds) == {"event", "volume", "late_case", "at_risk"}
    assert kinds["late_case"] >= 10
    assert kinds["at_risk"] >= 3
    assert len(summary["notices"]["by_team"]) >= 4
