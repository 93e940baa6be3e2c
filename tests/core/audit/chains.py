"""Chains of a few acts, as a store would have them."""

from collections.abc import Sequence
from datetime import timedelta

from service.core.audit import GENESIS, Action, Entry, Head, ObjectKind, Sealed, seal
from service.core.records.doer import Doer, Means
from tests.builders import START


def entry(number: int = 1) -> Entry:
    return Entry(
        at=START + timedelta(minutes=number),
        doer=Doer(name="ana", role="lead", means=Means.PROVED),
        action=Action.ALERT_ACK,
        kind=ObjectKind.ALERT,
        object_id=f"alert-{number}",
        team="drivers",
        before={"revision": number},
        after={"revision": number, "acked_by": "ana"},
    )


def chain(length: int) -> tuple[Head, Sequence[Sealed]]:
    return seal(GENESIS, [entry(number) for number in range(1, length + 1)])
