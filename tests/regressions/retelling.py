"""The events that the retold threads have in common."""

from collections.abc import Mapping
from typing import Any

from tests.builders import survey, ticket


def late(number: int, customer: str | None = None, score: int = 0, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - fields of the contract
    """A bad answer about a late delivery, from a customer of its own unless one is named."""
    return survey(f"r{number}", score, more.pop("text", "late"), customer=customer or f"c{number}", **more)


def problem(number: int, revision: int = 1, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - fields of the contract
    """One state of an urgent ticket about a late delivery; the customer is the ticket's own unless one is named."""
    change = more.pop("change", "created" if revision == 1 else "updated")
    given: dict[str, Any] = {"priority": "urgent", "body": "late", "status": "open", "customer": f"c{number}"}
    return ticket(change, f"t{number}", event_id=f"t{number}-{revision}", revision=revision, **(given | more))


def solved(number: int, revision: int = 2, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - fields of the contract
    return problem(number, revision, change="status", status="solved", body=None, **more)


def desk(**more: Any) -> Mapping[str, Any]:  # noqa: ANN401 - fields of a source
    """A help desk's own payloads, as a playbook maps them."""
    source = {"kind": "ticket", "subject": "number", "id": "id", "time": {"value": "at"}, "texts": ["said"]}
    source |= {"language": {"const": "en"}, "customer": {"ref": "who"}, "ticket": {"priority": {"const": "urgent"}}}
    return {**source, **more}
