"""The same events and playbook give the same bytes, whatever the process around them is like."""

import asyncio
import filecmp
import sys
from pathlib import Path

from service.assets import playbooks
from tests.e2e.recorded import recorded

FILES = (
    *("feedback.jsonl", "alerts.jsonl", "notices.jsonl", "reviews.jsonl"),
    *("scorecards.jsonl", "rejected.jsonl", "summary.json"),
)


async def test_a_replay_writes_the_same_bytes_under_another_hash_seed_and_time_zone(tmp_path: Path) -> None:
    events = recorded(tmp_path, 1_500)
    one, other = tmp_path / "one", tmp_path / "other"
    await asyncio.gather(
        _replay(events.path, one, PYTHONHASHSEED="1", TZ="UTC"),
        _replay(events.path, other, PYTHONHASHSEED="2", TZ="Asia/Kathmandu"),
    )
    assert filecmp.cmpfiles(one, other, FILES, shallow=False) == (list(FILES), [], [])


async def _replay(events: Path, out: Path, **environment: str) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "service", "replay", str(playbooks() / "retail"), str(events), "--out", str(out)),
        env=environment,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    assert await process.wait() == 0
