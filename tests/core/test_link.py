"""The link ladder: each step with its confidence, several candidates are ambiguous, and nothing is ever guessed."""

from collections.abc import Mapping

import pytest

from service.core.link import business_key, carried, instance_key, link, ticket_key
from service.core.records.decisions import Link
from service.core.records.feedback import Feedback, Instance, Keys
from service.core.records.words import LinkMethod, LinkStatus
from tests.builders import START, make_feedback

SO_1 = business_key("shipping", "SO-1")


def linked(method: LinkMethod, confidence: float, instance_id: str = "i1") -> Link:
    return Link(
        status=LinkStatus.LINKED,
        method=method,
        instance_id=instance_id,
        confidence=confidence,
        candidates=(instance_id,),
    )


@pytest.mark.parametrize(
    ("feedback", "known", "expected"),
    [
        pytest.param(
            make_feedback(keys=Keys(instance="i1", business_key="SO-1"), process="shipping"),
            {instance_key("i1"): ["i1"], SO_1: ["i2"]},
            linked(LinkMethod.INSTANCE_ID, 1.0),
            id="the engine's own id is sure and comes first",
        ),
        pytest.param(
            make_feedback(keys=Keys(business_key="SO-1"), process="shipping"),
            {SO_1: ["i1"]},
            linked(LinkMethod.BUSINESS_KEY, 0.9),
            id="a business key within its process",
        ),
        pytest.param(
            make_feedback(keys=Keys(order="SO-1"), process="shipping"),
            {SO_1: ["i1"]},
            linked(LinkMethod.BUSINESS_KEY, 0.9),
            id="an order is a business key",
        ),
        pytest.param(
            make_feedback(keys=Keys(instance="gone", ticket="T-1")),
            {ticket_key("T-1"): ["i1"]},
            linked(LinkMethod.TICKET, 0.85),
            id="a step that finds nobody lets the next one try",
        ),
        pytest.param(
            make_feedback(keys=Keys(business_key="SO-1", ticket="T-1"), process="shipping"),
            {SO_1: ["i2", "i1"], ticket_key("T-1"): ["i1"]},
            Link(status=LinkStatus.AMBIGUOUS, method=LinkMethod.BUSINESS_KEY, candidates=("i1", "i2")),
            id="two candidates are ambiguous, though a weaker step would name one of them",
        ),
        pytest.param(
            make_feedback(keys=Keys(business_key="SO-1"), process="shipping"),
            {SO_1: [f"i{n}" for n in range(9)]},
            Link(
                status=LinkStatus.AMBIGUOUS,
                method=LinkMethod.BUSINESS_KEY,
                candidates=("i0", "i1", "i2", "i3", "i4"),
            ),
            id="five candidates are listed at most",
        ),
        pytest.param(
            make_feedback(keys=Keys(business_key="SO-1"), process="returns"),
            {SO_1: ["i1"]},
            Link(status=LinkStatus.UNLINKED, method=LinkMethod.NOT_FOUND),
            id="the same key in another process is another key",
        ),
        pytest.param(
            make_feedback(keys=Keys(business_key="SO-1")),
            {SO_1: ["i1"]},
            Link(status=LinkStatus.NONE, method=LinkMethod.NO_KEY),
            id="a business key without a process names nothing",
        ),
        pytest.param(
            make_feedback(),
            {},
            Link(status=LinkStatus.NONE, method=LinkMethod.NO_KEY),
            id="without a key there is nothing to look for",
        ),
        pytest.param(
            make_feedback(keys=Keys(instance="i1"), relationship=True),
            {instance_key("i1"): ["i1"]},
            Link(status=LinkStatus.NONE, method=LinkMethod.NO_KEY),
            id="a relationship survey speaks of no instance",
        ),
    ],
)
def test_the_ladder(feedback: Feedback, known: Mapping[str, list[str]], expected: Link) -> None:
    assert link(feedback, lambda key: known.get(key, ())) == expected


def test_an_instance_is_found_by_its_id_and_by_each_key_as_object_and_as_ticket() -> None:
    known = Instance(instance_id="i1", process="shipping", keys=("SO-1",), updated_at=START)
    assert carried(known) == tuple(sorted((instance_key("i1"), SO_1, ticket_key("SO-1"))))
