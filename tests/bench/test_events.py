from datetime import UTC, datetime, timedelta

from service.bench.events import survey_events
from service.core.contracts.cloudevent import Event, decode
from service.core.contracts.survey import SurveyResponse

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)


def test_a_seed_always_gives_the_same_events_and_another_seed_others() -> None:
    first, again, other = (list(survey_events(seed, 50, NOW)) for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_every_event_keeps_its_contract_and_belongs_to_the_last_hour() -> None:
    events = [decode(one.value) for one in survey_events(1, 500, NOW)]
    read = [event for event in events if isinstance(event, Event) and isinstance(event.data, SurveyResponse)]
    assert len(read) == 500
    assert len({event.id for event in read}) == 500
    assert all(NOW - timedelta(hours=1) <= event.time < NOW for event in read)


def test_an_event_has_about_450_bytes_and_every_second_one_a_text() -> None:
    values = [one.value for one in survey_events(1, 2_000, NOW)]
    assert 430 < sum(map(len, values)) / 2_000 < 470
    assert 900 < sum(b'"verbatims"' in value for value in values) < 1_100
