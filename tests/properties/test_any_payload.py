"""Whatever a tool posts, every shipped mapping makes events or faults of it that the rest of the road can take."""

import os
from pathlib import Path
from random import Random
from urllib.parse import urlencode

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.core.pipeline.rules import compile_playbook
from service.core.records.feedback import Reading
from tests.builders import make_playbook
from tests.fuzz.examples import structured
from tests.fuzz.mutation import mutated
from tests.fuzz.promises import keeps_reading
from tests.fuzz.targets import mappings, payloads

RULES = compile_playbook(make_playbook())
_BESIDE = Path(__file__).parents[3] / "shared" / "data"
# Beside the repository lie what the tools really sent; without them the payloads of the playbooks' own tests stand in.
_REAL = Path(os.environ.get("FEEDBACK_ROUTER_SHARED_DATA", _BESIDE)) / "payloads"


def _known() -> tuple[tuple[int, object], ...]:
    real = [
        (number, orjson.loads(file.read_bytes()))
        for number, source in enumerate(mappings())
        for file in sorted((_REAL / source.name.partition("-")[0]).glob("*.json"))
    ]
    return (*payloads(), *real)


KNOWN = _known()


def body_of(number: int, payload: object) -> bytes:
    if mappings()[number].source.format == "form" and isinstance(payload, dict):
        return urlencode({name: str(value) for name, value in payload.items()}, errors="replace").encode()
    return structured(payload)


def test_the_payloads_of_the_playbooks_own_tests_are_taken() -> None:
    for number, payload in payloads():
        (record,) = keeps_reading(structured(payload), (), RULES, mappings()[number])
        assert isinstance(record.read, Reading), record.read


@pytest.mark.parametrize("number", range(len(mappings())), ids=[source.name for source in mappings()])
@given(random=st.randoms(use_true_random=False), times=st.integers(0, 3), other=st.booleans())
@settings(max_examples=120, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_an_almost_right_payload_is_mapped_or_refused(number: int, random: Random, times: int, *, other: bool) -> None:
    own = [payload for at, payload in KNOWN if at == number]
    payload = random.choice(own if own and not other else [payload for _, payload in KNOWN])
    keeps_reading(body_of(number, mutated(payload, random, times)), (), RULES, mappings()[number])
