"""What a feedback waits under: what it names, and its customer where that may come to decide."""

from datetime import timedelta

from service.core.link.keys import business_key, customer_key
from tests.builders import START, Timeline, instance, survey

NOW, HOUR = timedelta(), timedelta(hours=1)
ORDER = business_key("shipping", "SO-7")
LIMIT = START + timedelta(hours=72)


def ordered(name: str = "r1") -> dict[str, object]:
    return survey(name, 0, correlation={"process": "shipping", "business_key": "SO-7"})


def waits(timeline: Timeline) -> dict[str, list[str]]:
    """Return the subjects that wait under each key; customers are as good as one another."""
    customer = customer_key("")
    return {
        customer if key.startswith(customer) else key: sorted(part.subject for part in held)
        for key, held in timeline.store.rows.waits.items()
    }


def test_what_names_an_order_that_nobody_carries_waits_for_the_order_alone() -> None:
    timeline = Timeline()
    timeline.push(NOW, ordered())
    assert waits(timeline) == {ORDER: ["response/r1"]}


def test_what_names_an_order_that_is_known_waits_for_its_customer_too() -> None:
    timeline = Timeline()
    timeline.push(NOW, instance("i1", event_id="i1-1", keys=["SO-7"]))
    timeline.push(HOUR, ordered())
    assert waits(timeline) == {ORDER: ["response/r1"], customer_key(""): ["response/r1"]}


def test_what_names_nothing_waits_for_its_customer() -> None:
    timeline = Timeline()
    timeline.push(NOW, survey("r1", 0, "late"))
    assert waits(timeline) == {customer_key(""): ["response/r1"]}


def test_nothing_waits_less_long_than_it_was_said() -> None:
    timeline = Timeline()
    timeline.push(HOUR, ordered())
    timeline.now -= HOUR
    timeline.push_unticked({**ordered(), "id": "r1-2"}, occurred=2 * HOUR)
    assert list(timeline.store.rows.waits[ORDER].values()) == [LIMIT + HOUR]
