"""The same life of alerts, and what must hold of silences, nights, reviews and budgets whatever the model says."""

from collections import Counter

from hypothesis.stateful import invariant

from service.core.records.words import AlertState
from tests.properties.alert_machine import AlertLife
from tests.properties.alert_mutes import EVENING, MORNING, SLEEPERS, hour_of
from tests.properties.alert_service import Seen
from tests.properties.alert_shape import ENDS, Notice

_UNCOUNTED = (*ENDS, "digest", "unmuted", "escalated")


class QuietLife(AlertLife):
    """`heard` counts the notices of each alert up to the last step, which was over at `looked_at`."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: dict[str, int] = {}
        self.looked_at = self.service.now

    @invariant()
    def nobody_is_woken_by_what_is_not_critical(self) -> None:
        for _, notice in self.told():
            awake = notice.team not in SLEEPERS or MORNING <= notice.at.hour < EVENING
            passes = notice.severity == "critical" or notice.reason in (*ENDS, "digest")
            assert awake or passes or not self.service.features.nights

    @invariant()
    def a_silence_is_kept_by_all_but_ends_and_what_is_critical(self) -> None:
        for one, notice in self.told():
            if notice.severity == "critical" or notice.reason in ENDS:
                continue
            traits = {"team": notice.team, "process": one.alert.process}
            for silence in self.model.around.silences:
                named = all(traits[name] == wanted for name, wanted in silence.matches.items())
                until = silence.until if silence.ended_at is None else silence.ended_at
                assert not named or not silence.since < notice.at < until

    @invariant()
    def no_budget_is_overdrawn(self) -> None:
        """What is critical may be told beside it."""
        limit = self.service.features.per_hour
        told = [one for _, one in self.told() if one.severity != "critical" and one.reason not in _UNCOUNTED]
        spent = Counter((one.team, hour_of(one.at)) for one in told)
        assert limit is None or max(spent.values(), default=0) <= limit

    @invariant()
    def what_was_held_is_told_once(self) -> None:
        for one in self.service.seen():
            # What is told is held no more: what is told next has been held since then at the earliest.
            assert all(since >= told for since, told in zip(one.held_since[1:], one.unmuted_at, strict=False))

    @invariant()
    def only_what_is_open_is_told_to_be_held_no_more(self) -> None:
        for one in self.service.seen():
            assert all(state is AlertState.OPEN for state in one.unmuted_as)

    @invariant()
    def what_is_held_by_what_ends_is_held_by_what_has_not_ended(self) -> None:
        in_force = {one.name for one in self.in_force()}
        for one in self.service.seen():
            by = one.alert.held_by
            assert by is None or by in in_force or self.model.around.review_open

    @invariant()
    def notices_come_in_the_order_of_their_times(self) -> None:
        for one in self.service.seen():
            times = [notice.at for notice in one.notices]
            assert times == sorted(times)

    @invariant()
    def nothing_is_told_as_of_before_it_could_be_known(self) -> None:
        """What was not there after the last step was told since."""
        for one in self.service.seen():
            before = self.heard.get(one.alert.alert_id, 0)
            assert all(notice.at >= self.looked_at for notice in one.notices[before:])
            self.heard[one.alert.alert_id] = len(one.notices)
        self.looked_at = self.service.now

    def told(self) -> list[tuple[Seen, Notice]]:
        return [(one, notice) for one in self.service.seen() for notice in one.notices]
