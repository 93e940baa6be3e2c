"""Shares of feedback without a category, by source and by the languages that the playbook has words for."""

from datetime import timedelta

from service.adapters.meter import PrometheusMeter
from service.core.pipeline.rules import compile_playbook
from service.runtime.counting import UnmappedShare
from tests.builders import START, make_playbook, read_event, survey

RULES = compile_playbook(make_playbook())


def test_what_has_no_category_is_a_share_of_its_source_and_of_its_language() -> None:
    said = [("late", "en"), ("the gate", "en"), ("zu spät", "de"), ("myöhässä", "fi"), ("portti", "sv")]
    records = [
        read_event(survey(f"r{at}", 3, text, language=language), START + timedelta(), RULES)
        for at, (text, language) in enumerate(said)
    ]
    meter = PrometheusMeter()
    UnmappedShare().count(meter, records, RULES)
    shares = [line for line in meter.text().decode().splitlines() if line.startswith("feedback_router_unmapped")]
    assert sorted(shares) == [
        'feedback_router_unmapped_language_ratio{language="de"} 0.0',
        'feedback_router_unmapped_language_ratio{language="en"} 0.5',
        'feedback_router_unmapped_language_ratio{language="other"} 1.0',
        'feedback_router_unmapped_ratio{source="t"} 0.6',
    ]
