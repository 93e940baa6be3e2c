"""What the service makes of the demo's stream under the retail playbook, from the bytes to the reviews."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
import pytest_asyncio

from service.adapters.memory import MemoryStore
from service.adapters.playbook_files import load
from service.assets import playbooks
from service.core.pipeline.rules import Rules, compile_playbook
from service.core.pseudonym import PseudonymKey
from service.core.records.words import LinkMethod, LinkReason, LinkStatus
from service.demo.stream import stream
from service.runtime.replay import Line, read_lines, replay
from service.runtime.suite import run_case

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
KEY = PseudonymKey(key_id="test", secret=b"0" * 32)


@pytest.fixture(scope="module")
def rules() -> Rules:
    playbook = load(playbooks() / "retail").playbook
    assert playbook is not None
    return compile_playbook(playbook)


async def _decided(seed: int, count: int, rules: Rules) -> MemoryStore:
    lines = [
        Line(
            file="demo",
            number=number,
            value=event.value if isinstance(event.value, bytes) else orjson.dumps(event.value),
        )
        for number, event in enumerate(stream(seed, count, MONDAY), start=1)
    ]
    store = MemoryStore()
    await replay(store, read_lines(lines, rules, KEY, None), rules, timedelta(days=1))
    return store


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def decided(rules: Rules) -> MemoryStore:
    return await _decided(1, 5000, rules)


async def _judged(store: MemoryStore) -> Sequence[Mapping[str, Any]]:
    """The reviews that rest on statistics: in the first five weeks a fixed count stands in."""
    return [line async for line in store.reviews() if line["method"] == "averaged_bayes_factor" and line["level"]]


async def test_the_playbooks_own_cases_pass(rules: Rules) -> None:
    outcomes = [await run_case(case, rules, KEY, MemoryStore) for case in rules.playbook.tests]

    assert [(outcome.case, outcome.differences) for outcome in outcomes if outcome.differences] == []


@pytest.mark.parametrize(("seed", "count"), [(1, 3000), (2, 3000), (42, 5000), (1, 20_000)])
async def test_the_outage_gets_a_formal_review_and_the_lockers_a_local_one(seed: int, count: int, rules: Rules) -> None:
    levels: dict[str, set[str]] = {}
    for review in await _judged(await _decided(seed, count, rules)):
        levels.setdefault(review["cell"]["category"], set()).add(review["level"])

    assert "formal_review" in levels.pop("delivery_delay")
    assert levels.pop("locker_fault") == {"local_adjustment"}
    assert len(levels) <= 1
    assert "formal_review" not in set().union(*levels.values())


async def test_reviews_rest_on_different_customers(decided: MemoryStore) -> None:
    reviews = await _judged(decided)

    assert all(review["customers"] > 0.9 * review["x"] for review in reviews)
    assert all(review["largest_share"] < 0.1 for review in reviews)


async def test_grave_matters_are_critical_and_the_lawyers_read_along(decided: MemoryStore) -> None:
    alerts = [alert async for alert in decided.alerts() if alert["severity"] == "critical"]
    grave = Counter(
        (alert["team"], alert["category"])
        for alert in alerts
        if alert["category"] in {"product_safety", "discrimination"}
    )

    assert grave == {
        ("product-quality", "product_safety"): 1,
        ("care-quality", "discrimination"): 1,
        ("legal-risk", "product_safety"): 1,
        ("legal-risk", "discrimination"): 1,
    }


async def test_a_few_cases_of_gold_and_platinum_customers_are_late_and_most_of_them_end(decided: MemoryStore) -> None:
    late = [alert async for alert in decided.alerts() if alert["kind"] == "late_case"]
    over = [alert for alert in late if alert["state"] == "resolved"]

    assert {alert["team"] for alert in late} == {"fulfilment", "store-operations", "returns-desk"}
    assert 10 <= len(late) <= 40
    assert len(late) / 2 < len(over)


async def test_a_few_customers_have_three_unresolved_cases_at_once(decided: MemoryStore) -> None:
    at_risk = [alert async for alert in decided.alerts() if alert["kind"] == "at_risk"]

    assert {alert["team"] for alert in at_risk} == {"cx-operations"}
    assert 5 <= len(at_risk) <= 20
    assert "resolved" in {alert["state"] for alert in at_risk}


async def test_most_feedback_is_quiet_understood_and_linked(decided: MemoryStore) -> None:
    lines = [line async for line in decided.feedback()]
    negative = [line for line in lines if line["negative"]]

    assert sum(line["verdict"] == "quiet" for line in lines) > len(lines) / 2
    assert sum(line["category"] != "unmapped" for line in negative) > 0.85 * len(negative)
    assert sum(line["link"]["status"] == "linked" for line in negative) > 0.8 * len(negative)


async def test_there_are_links_of_all_kinds_but_of_numbers_that_were_used_again(decided: MemoryStore) -> None:
    links = [line["link"] async for line in decided.feedback()]

    assert {link["status"] for link in links} == {status.value for status in LinkStatus}
    assert {link["method"] for link in links} == {method.value for method in LinkMethod}
    used_again = {LinkReason.RAN_AT_THE_TIME, LinkReason.CUSTOMER_AGREES}
    assert {link["reason"] for link in links} == {reason.value for reason in LinkReason} - used_again
