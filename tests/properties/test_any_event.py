"""Whatever arrives in place of an event is refused with a reason, or decided, saved and explained; nothing raises."""

from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.core.contracts.event_type import IncomingType
from service.core.pipeline.rules import compile_playbook
from service.core.records.feedback import Reading
from tests.builders import make_playbook
from tests.fuzz.examples import binary, event_of, structured
from tests.fuzz.mutation import HOSTILE, mutated, repeated
from tests.fuzz.promises import keeps_reading

RULES = compile_playbook(make_playbook())
KINDS = st.sampled_from(list(IncomingType))
RANDOM = st.randoms(use_true_random=False)
JSON = st.recursive(
    st.sampled_from(HOSTILE) | st.text(max_size=20) | st.integers() | st.floats() | st.booleans() | st.none(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=15,
)

few = settings(deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


@pytest.mark.parametrize("kind", IncomingType)
def test_an_example_with_every_part_is_taken_in_both_modes(kind: IncomingType) -> None:
    value, headers = binary(event_of(kind))
    taken = (keeps_reading(structured(event_of(kind)), (), RULES), keeps_reading(value, headers, RULES))
    assert [isinstance(record.read, Reading) for records in taken for record in records] == [True, True]


@given(kind=KINDS, random=RANDOM, times=st.integers(1, 3), again=st.booleans())
@settings(few, max_examples=1_500)
def test_an_almost_right_event_is_refused_or_decided(
    kind: IncomingType, random: Random, times: int, *, again: bool
) -> None:
    text = structured(mutated(event_of(kind), random, times))
    keeps_reading(repeated(text, random) if again else text, (), RULES)


@given(kind=KINDS, random=RANDOM, times=st.integers(0, 2), broken=st.binary(max_size=12))
@settings(few, max_examples=700)
def test_almost_right_headers_and_payload_are_refused_or_decided(
    kind: IncomingType, random: Random, times: int, broken: bytes
) -> None:
    event = mutated(event_of(kind), random, times)
    value, headers = binary(event if isinstance(event, dict) else event_of(kind))
    at = random.randrange(len(headers))
    changed = (*headers[:at], (headers[at][0], broken), *headers[at + 1 :]) if broken else headers[:at]
    keeps_reading(value, changed, RULES)


@given(value=JSON, kind=KINDS)
@settings(few, max_examples=300)
def test_any_json_in_place_of_an_event_or_its_data_is_refused_or_decided(value: object, kind: IncomingType) -> None:
    keeps_reading(structured(value), (), RULES)
    keeps_reading(structured({**event_of(kind), "data": value}), (), RULES)


@given(value=st.none() | st.binary(max_size=200))
@settings(few, max_examples=200)
def test_any_bytes_in_place_of_an_event_are_refused(value: bytes | None) -> None:
    keeps_reading(value, (), RULES)
