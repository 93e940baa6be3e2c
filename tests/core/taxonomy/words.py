"""A taxonomy of three axes, for tests."""

from typing import Any

from service.core.playbook.model import Playbook
from tests.builders import make_playbook

AXES: tuple[dict[str, Any], ...] = (
    {"id": "delivery.late", "label": {"en": "Late"}, "labels": ["late"], "keywords": {"en": ["late"]}},
    {"id": "refund.late", "label": {"en": "Refund"}, "keywords": {"en": ["refund"]}},
    {"id": "doorstep", "axis": "stage", "label": {"en": "At the door"}, "keywords": {"en": ["doorstep", "porch"]}},
    {"id": "depot", "axis": "stage", "label": {"en": "In the depot"}, "labels": ["late"]},
    {"id": "paid-back", "axis": "outcome", "label": {"en": "Paid back"}, "labels": ["refunded"]},
)


def of(*taxonomy: dict[str, Any], **parts: Any) -> Playbook:  # noqa: ANN401 - any part of a playbook
    """Build a playbook of these categories, which no team or process is bound to."""
    bare: dict[str, Any] = {
        "taxonomy": list(taxonomy),
        "teams": [{"id": name, "name": name.title()} for name in ("desk", "drivers", "refunds", "judges")],
        "routes": {"team": "desk", "arbitration": "judges"},
    }
    return make_playbook(**(bare | parts))
