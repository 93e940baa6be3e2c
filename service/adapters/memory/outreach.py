"""The rows in memory -> alerts whose contributors are to be told of them, and these contributors."""

from collections.abc import Sequence

from service.adapters.memory.rows import Rows
from service.core.outreach import Contributor, due
from service.core.records.words import FeedbackKind


def untold(rows: Rows, limit: int) -> Sequence[tuple[str, str]]:
    found = sorted((one.alert_key, name) for name, one in rows.alerts.items() if due(one) is not None)
    return found[:limit]


def contributors(rows: Rows, alert_id: str, after: tuple[str, str] | None, limit: int) -> Sequence[Contributor]:
    held = sorted(
        (one for one in rows.members.values() if one.alert_id == alert_id and not one.copy), key=lambda one: one.key
    )
    found: dict[tuple[str, str], Contributor] = {}
    for member in held:
        name, said = (member.key.source, member.key.subject), rows.contributions.get(member.key)
        by_staff = said is not None and said.feedback.kind is FeedbackKind.EMPLOYEE
        if name > (after or ("", "")) and not name[1].startswith("erased:"):
            contributor = Contributor(source=name[0], subject=name[1], event_id=member.event_id, by_staff=by_staff)
            found.setdefault(name, contributor)
    return list(found.values())[:limit]
