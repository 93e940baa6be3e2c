"""Whatever the demo brings: what is computed anew from a stored contribution is what was decided."""

import pytest

from service.adapters.memory import MemoryStore
from service.adapters.playbook_files import load
from service.assets import playbooks
from service.bench import Scale
from service.bench.stages import demo_lines
from service.core.explain.again import again
from service.core.identity import alert_key
from service.core.pipeline.rules import compile_playbook
from service.core.records.words import AlertKind
from service.runtime.replay import read_lines, replay
from tests.builders import KEY, START


@pytest.mark.parametrize("seed", [1, 2])
async def test_the_playbook_that_decided_finds_the_same_again(seed: int) -> None:
    playbook = load(playbooks() / "retail").playbook
    assert playbook is not None
    rules, store = compile_playbook(playbook), MemoryStore()
    await replay(store, read_lines(demo_lines(Scale(events=2_000, seed=seed)), rules, KEY, None), rules, START, print)
    held = list(store.rows.contributions.values())
    assert len(held) > 300
    for one in held:
        found = again(one, rules)
        assert (found.assessed, found.process, found.routed) == (one.assessed, one.process, one.routed)
        owner = found.routed.owner
        team = owner.team if owner.team_in_key else None
        assert alert_key(AlertKind.EVENT, owner.fields, team=team, copy=owner.copy) == owner.alert_key
