"""The responses of the suite: each step of the ladder gets its share, and twins differ in what they speak of alone."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import islice

import orjson
import pytest

from service.bench.links import steps
from service.bench.links.registry import Registry
from service.bench.links.said import responses
from service.core.contracts.cloudevent import Event, decode
from service.core.contracts.process import ProcessInstance
from service.core.contracts.survey import SurveyKind, SurveyResponse
from service.core.records.words import Lifecycle

UNTIL = datetime(2026, 5, 4, 12, tzinfo=UTC)
REGISTRY = Registry(size=10_000, until=UNTIL)


def test_a_seed_always_gives_the_same_responses_and_another_seed_others() -> None:
    first, again, other = (list(responses(REGISTRY, seed, 20)) for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_every_response_keeps_its_contract_and_four_of_five_name_an_order_and_a_ticket() -> None:
    events = [decode(one.linked.value) for one in responses(REGISTRY, 1, 500)]
    read = [event.data for event in events if isinstance(event, Event) and isinstance(event.data, SurveyResponse)]
    assert len(read) == 500
    assert all(one.customer is not None and one.survey_kind is SurveyKind.TRANSACTIONAL for one in read)
    named = [one.correlation for one in read if one.correlation is not None and one.correlation.business_key]
    assert 370 < len(named) < 430
    assert all(one.process and one.ticket_ref for one in named)
    assert all(UNTIL - timedelta(hours=1) <= event.time < UNTIL for event in events if isinstance(event, Event))


def test_twins_differ_in_their_name_and_in_what_they_speak_of() -> None:
    for one in responses(REGISTRY, 1, 50):
        linked, relationship = orjson.loads(one.linked.value), orjson.loads(one.relationship.value)
        assert relationship["id"] == f"{linked['id']}-r"
        assert relationship["data"]["survey_kind"] == "relationship"
        for value in (linked, relationship):
            for name in ("response_id", "survey_kind"):
                del value["data"][name]
            del value["id"], value["subject"]
        assert linked == relationship


def test_each_step_of_the_ladder_gets_its_share() -> None:
    found: Counter[str] = Counter()
    for one in responses(REGISTRY, 1, 4_000):
        data = orjson.loads(one.linked.value)["data"]
        keys, text = data["correlation"], data.get("verbatims", [{"text": ""}])[0]["text"]
        if "business_key" not in keys:
            found["customer"] += 1
        elif keys["business_key"] < "SO-9":
            found["business_key"] += 1
        elif keys["ticket_ref"].startswith("INC"):
            found["ticket"] += 1
        elif "INC" in text:
            found["reference"] += 1
        else:
            assert data["customer"]["ref"].startswith("stranger")
            found["nothing"] += 1
    shares = {step: count / 4_000 for step, count in found.items()}
    assert shares == pytest.approx(
        {"business_key": 0.4, "ticket": 0.2, "customer": 0.2, "reference": 0.1, "nothing": 0.1}, abs=0.02
    )


def test_process_events_start_what_is_new_and_complete_what_is_known() -> None:
    events = [decode(one.value) for one in islice(steps(REGISTRY), 1_000)]
    read = [event.data for event in events if isinstance(event, Event) and isinstance(event.data, ProcessInstance)]
    assert [one.lifecycle for one in read] == [Lifecycle.START, Lifecycle.COMPLETE] * 500
    assert len({one.instance for one in read if one.lifecycle is Lifecycle.START}) == 500
    assert read[0].instance == "run-000010000"
    assert read[1].instance < "run-000010000"
