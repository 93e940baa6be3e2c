"""What a batch has to load and lock before it can be decided."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from msgspec import Struct, field

from service.core.records.decisions import Contribution, Subject
from service.core.records.identities import IdentityRule


class Needs(Struct, frozen=True, kw_only=True):
    """What a batch has to load and lock before it can be decided; each part is taken in key order.

    Under `link_keys` instances are looked for or registered, `tickets` among them may have been merged. Of what waits
    under `told` something is heard now, and under whatever else the `instances` are known by. `kin` maps each customer
    whose instances are looked for to the first and last instant that they are looked for at, `times` each subject to
    those of its events; an instance that ended no longer than `window` before counts.
    `first` has what a subject comes to be if the batch holds one event of it, and nothing is known of either.
    `customers` maps each to the instants of what is said of it, `named` each subject to those whom the batch names as
    its customers. A contact matters to others for the time of `reach` before and after it, the `MOST_NEAR` on either
    side of an instant at most. Of each customer the latest `unresolved` contributions that are negative and not done
    matter whenever they began, unless they are fewer than `enough` with what else is loaded. With a rule `identity`
    instances are looked for under all references of the persons of `kin`; what joins those of `joined` may change. By
    `marks` it is known what was erased.
    """

    identities: tuple[tuple[str, str], ...] = ()
    link_keys: tuple[str, ...] = ()
    tickets: tuple[str, ...] = ()
    told: tuple[str, ...] = ()
    instances: tuple[str, ...] = ()
    kin: Mapping[str, tuple[datetime, datetime]] = field(default_factory=dict)
    times: Mapping[tuple[str, str], tuple[datetime, datetime]] = field(default_factory=dict)
    window: timedelta = timedelta()
    subjects: tuple[tuple[str, str], ...] = ()
    first: Mapping[tuple[str, str], Subject] = field(default_factory=dict)
    customers: Mapping[str, frozenset[datetime]] = field(default_factory=dict)
    named: Mapping[tuple[str, str], frozenset[str]] = field(default_factory=dict)
    reach: timedelta = timedelta()
    unresolved: int = 0
    enough: int = 0
    joined: tuple[str, ...] = ()
    identity: IdentityRule | None = None
    marks: tuple[str, ...] = ()

    def with_stored(self, stored: Iterable[Contribution]) -> Mapping[str, frozenset[datetime]]:
        """Return the instants of all customers, those of the subjects' stored contributions among them.

        What an event leaves out stays as it was stored: the stored customer may come to count at the time of an event,
        and one whom an event names at the time when the subject began.
        """
        instants = dict(self.customers)
        for one in stored:
            named = self._named(one)
            times = frozenset((one.began_at,)).union(*(self.customers[name] for name in named))
            for name in named | {one.feedback.customer}:
                instants[name] = times | instants.get(name, frozenset())
        return dict(sorted(instants.items()))

    def kin_with_stored(self, stored: Iterable[Contribution]) -> Mapping[str, tuple[datetime, datetime]]:
        """Return the spans of `kin` with what the subjects' stored contributions are looked for by."""
        spans = dict(self.kin)
        for one in stored:
            if one.feedback.relationship:
                continue
            times = (one.began_at, *self.times.get((one.key.source, one.key.subject), ()))
            for name in self._named(one) | {one.feedback.customer}:
                _widen(spans, name, min(times), max(times))
        return dict(sorted(spans.items()))

    def _named(self, one: Contribution) -> frozenset[str]:
        return self.named.get((one.key.source, one.key.subject), frozenset())


def _widen(spans: dict[str, tuple[datetime, datetime]], name: str, low: datetime, high: datetime) -> None:
    known = spans.get(name, (low, high))
    spans[name] = (min(known[0], low), max(known[1], high))
