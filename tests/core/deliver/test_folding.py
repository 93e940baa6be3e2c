"""What waits for a channel about one alert: sent in order, or folded into the newest, and nothing without a reason."""

from hypothesis import given
from hypothesis import strategies as st

from service.core.deliver import Plan, plan
from service.core.records.deliveries import Known
from service.core.records.words import ChannelKind, Tiding, Unsent
from tests.delivering import make_waiting

FIRST, SECOND, THIRD = make_waiting(1), make_waiting(2), make_waiting(3)
END = make_waiting(4, ending=True)
ACK = make_waiting(2, tiding=Tiding.ACKNOWLEDGED, ending=True)


def test_a_program_and_a_mailbox_get_every_message_in_order() -> None:
    for kind in (ChannelKind.WEBHOOK, ChannelKind.EMAIL, ChannelKind.APPRISE):
        assert plan([FIRST, SECOND, THIRD], kind, None) == Plan(send=FIRST)


def test_where_only_the_present_state_counts_older_news_are_folded_into_the_newest() -> None:
    folded = Plan(send=THIRD, left_out=((FIRST, Unsent.NEWER_REVISION), (SECOND, Unsent.NEWER_REVISION)))
    for kind in (ChannelKind.SLACK, ChannelKind.MSTEAMS, ChannelKind.PAGERDUTY):
        assert plan([FIRST, SECOND, THIRD], kind, None) == folded


def test_the_end_of_what_a_channel_never_heard_of_is_left_out() -> None:
    for kind in ChannelKind:
        assert plan([END], kind, None) == Plan(send=None, left_out=((END, Unsent.NEVER_TOLD),))
        assert plan([END], kind, Known(revision=1)) == Plan(send=END)


def test_an_alert_that_ended_while_its_beginning_waited_is_told_once_as_over() -> None:
    assert plan([FIRST, END], ChannelKind.SLACK, None) == Plan(send=END, left_out=((FIRST, Unsent.NEWER_REVISION),))


def test_an_acknowledgement_waits_for_what_is_acknowledged_and_is_not_folded() -> None:
    assert plan([FIRST, ACK], ChannelKind.PAGERDUTY, None) == Plan(send=FIRST)
    assert plan([ACK, THIRD], ChannelKind.PAGERDUTY, Known(revision=1)) == Plan(send=ACK)
    assert plan([ACK], ChannelKind.PAGERDUTY, None) == Plan(send=None, left_out=((ACK, Unsent.NEVER_TOLD),))


def test_a_dead_message_that_is_tried_again_overwrites_no_newer_one() -> None:
    known = Known(revision=3)
    assert plan([FIRST], ChannelKind.SLACK, known) == Plan(send=None, left_out=((FIRST, Unsent.NEWER_REVISION),))
    assert plan([FIRST], ChannelKind.WEBHOOK, known) == Plan(send=FIRST)


@given(
    kind=st.sampled_from(ChannelKind),
    endings=st.lists(st.booleans(), min_size=1, max_size=6),
    known=st.none() | st.integers(0, 7).map(lambda revision: Known(revision=revision)),
)
def test_something_always_goes_on_in_order_and_nothing_twice(
    kind: ChannelKind, endings: list[bool], known: Known | None
) -> None:
    waiting = [make_waiting(place, ending=ending) for place, ending in enumerate(endings, start=1)]
    found = plan(waiting, kind, known)
    touched = [one.place for one, _ in found.left_out] + ([found.send.place] if found.send else [])
    assert touched == sorted(set(touched))
    assert touched
    # Whatever stays comes later than what is sent.
    assert found.send is None or all(one.place > found.send.place for one in waiting if one.place not in touched)
