"""What an alert is after a write -> the outbox's row about it: where it was opened, or its severity rose."""

import orjson

from tests.bench.peers.job.judge import level_of

CLASSIFIED = "feedback.classified"


def notice(
    key: tuple[str, str, str], team: str, events: int, worst: int, previous: int | None
) -> tuple[str, str, str] | None:
    """Return topic, key and value; None where nobody has to be told."""
    if previous is not None and worst <= previous:
        return None
    process, category, region = key
    said = {
        "process": process,
        "category": category,
        "region": region,
        "team": team,
        "reason": "opened" if previous is None else "rose",
        "severity": {"points": worst, "level": level_of(worst)},
        "events": events,
    }
    return f"team.{team}", "|".join(key), orjson.dumps(said).decode()
