"""The plot of the nine weeks: how often what happens, and the two problems that the volume rule is to find.

Cards are drawn from shuffled decks, not thrown with dice: shares then hold within a deck or two, so that a cell which
has no problem does not raise one by luck.
"""

from collections.abc import Mapping
from random import Random
from types import MappingProxyType

DAYS = 63
# Weeks five and six: one carrier fails, and four times as many parcels are late in every region.
OUTAGE = range(28, 42)
LATE, LATE_PROCESS = "delivery_delay", "delivery"
# For two calendar weeks, from the Monday of the week that this day lies in, lockers jam; then they are all repaired.
# There are so few that complaints about them hardly grow with the stream, so this stays a local matter.
LOCKER, LOCKER_PROCESS = "locker_fault", "click-and-collect"
JAMMED_WEEK, JAMMED_DAYS = 35, 14
_LOCKER_A_WEEK, _JAMMED = 4, 22
_JAMMED_MORE, _JAMMED_MORE_PER = 3, 5000
_LOCKER_IN_FULL_FROM = 1500

NOTHING, PRAISE, NEUTRAL, VAGUE, QUESTION = "nothing", "praise", "neutral", "vague", "question"
OCCASIONS = frozenset({NOTHING, PRAISE, NEUTRAL, VAGUE, QUESTION})

PROCESSES: Mapping[str, int] = MappingProxyType(
    {
        "delivery": 36, "order-to-cash": 20, "returns-and-refunds": 8, "click-and-collect": 8, "customer-care": 5,
        "loyalty": 4,
    }
)  # fmt: skip
# What customers say about an instance: a deck for each process, in cards.
SAID: Mapping[str, Mapping[str, int]] = MappingProxyType(
    {
        "delivery": {
            NOTHING: 37, PRAISE: 82, NEUTRAL: 16, LATE: 32, "delivery_damage": 6, "delivery_missing": 1,
            "courier_conduct": 1, "wrong_item": 2, VAGUE: 1, "product_quality": 1, QUESTION: 1,
        },
        "order-to-cash": {
            NOTHING: 71, PRAISE: 66, NEUTRAL: 16, "checkout_error": 1, "payment_failed": 10, "invoice_error": 6,
            "price_error": 1, "stock_unavailable": 1, "site_fault": 1, VAGUE: 1, "product_quality": 1, QUESTION: 5,
        },
        "returns-and-refunds": {
            NOTHING: 83, PRAISE: 62, NEUTRAL: 20, "refund_delay": 22, "return_label": 2, "return_refused": 1,
            "warranty": 2, VAGUE: 2, "product_quality": 1, QUESTION: 5,
        },
        "click-and-collect": {
            NOTHING: 96, PRAISE: 64, NEUTRAL: 20, "pickup_wait": 1, "pickup_not_ready": 15, VAGUE: 1, QUESTION: 3,
        },
        "customer-care": {
            NOTHING: 72, PRAISE: 78, NEUTRAL: 20, "care_wait": 2, "care_attitude": 1, "care_unresolved": 26, VAGUE: 1,
        },
        "loyalty": {
            NOTHING: 80, PRAISE: 64, NEUTRAL: 22, "points_missing": 27, "voucher_rejected": 1, "account_access": 2,
            QUESTION: 4,
        },
    }
)  # fmt: skip
# The delivery deck while the carrier is down: as long, with four times the cards for lateness.
SAID_IN_OUTAGE: Mapping[str, int] = MappingProxyType(
    {
        PRAISE: 31, NEUTRAL: 8, LATE: 128, "delivery_damage": 6, "delivery_missing": 1, "courier_conduct": 1,
        "wrong_item": 2, VAGUE: 1, "product_quality": 1, QUESTION: 1,
    }
)  # fmt: skip
# What customers say of the company as a whole, asked twice a year.
SAID_OF_US: Mapping[str, int] = MappingProxyType(
    {PRAISE: 116, NEUTRAL: 66, VAGUE: 2, "care_wait": 2, "product_quality": 12, "voucher_rejected": 2}
)
# What else comes with a journey: cards for the relationship survey, a free question, a word from the staff.
ASIDES: Mapping[str, int] = MappingProxyType({"none": 168, "relationship": 24, "question": 5, "staff": 3})

# Labels that agents put on tickets, as the playbook's taxonomy lists them.
LABELS: Mapping[str, str] = MappingProxyType(
    {
        LATE: "delivery/late", "delivery_damage": "delivery/damaged", "refund_delay": "returns/refund",
        "payment_failed": "billing/payment", "invoice_error": "billing/invoice", LOCKER: "collection/locker",
        "points_missing": "loyalty/points", "care_attitude": "care/attitude",
    }
)  # fmt: skip

# Grave matters come as tickets on fixed days, whatever the count; the first two once only.
SINGULAR: tuple[tuple[int, str, str], ...] = (
    (24, "product_safety", "order-to-cash"),
    (38, "discrimination", "click-and-collect"),
    (10, "legal_threat", "returns-and-refunds"),
    (47, "data_privacy", "customer-care"),
    (52, "fraud_suspicion", "order-to-cash"),
)


def locker_complaints(days: int, events: int) -> int:
    """How many complaints about lockers come in so many ordinary days."""
    return round(_LOCKER_A_WEEK * days / 7 * min(1.0, events / _LOCKER_IN_FULL_FROM))


def jammed_complaints(events: int) -> int:
    """How many come in all while they are jammed: nearly three times as many as in two ordinary weeks."""
    full = _JAMMED + min(_JAMMED_MORE, events // _JAMMED_MORE_PER)
    return round(full * min(1.0, events / _LOCKER_IN_FULL_FROM))


class Deck:
    """Cards drawn without putting back; an empty deck is filled and shuffled again."""

    def __init__(self, dice: Random, cards: Mapping[str, int]) -> None:
        self._dice = dice
        self._cards = [card for card, count in cards.items() for _ in range(count)]
        self._left: list[str] = []

    def draw(self) -> str:
        if not self._left:
            self._left = self._cards.copy()
            self._dice.shuffle(self._left)
        return self._left.pop()
