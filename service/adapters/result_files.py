"""A store's archive and scores -> the files of `replay --out` and `export --out`: JSON lines with sorted keys."""

from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson

from service.core.playbook.model import Metrics
from service.core.records.renamed import Renamed
from service.core.scorecard import EVER, CaseTally, Cohort, Dimension, Sample, scorecard_line, scorecards
from service.ports import Archive, Books, Scores


async def write_results(
    archive: Archive, scores: Scores, out: Path, *, metrics: Metrics, renamed: Renamed | None = None
) -> dict[str, Any]:
    """Write every file into the folder, which must exist; return what stands in `summary.json`.

    `metrics` is what the playbook says of the figures in `scorecards.jsonl`.
    """
    counts = {
        "feedback": await _write(out / "feedback.jsonl", archive.feedback()),
        "alerts": await _write(out / "alerts.jsonl", archive.alerts()),
        "reviews": await _write(out / "reviews.jsonl", archive.reviews()),
        "rejected": await _write(out / "rejected.jsonl", archive.rejected()),
    }
    await _write(out / "scorecards.jsonl", _scorecards(scores, metrics, renamed or {}))
    told: dict[str, dict[str, int]] = {"by_reason": {}, "by_team": {}}
    notices = await _write(out / "notices.jsonl", archive.notices(), told)
    result = summary(await archive.books(), alerts=counts["alerts"], reviews=counts["reviews"])
    result["notices"] = {"total": notices, **told}
    (out / "summary.json").write_bytes(orjson.dumps(result, option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2) + b"\n")
    return result


def summary(books: Books, *, alerts: int, reviews: int) -> dict[str, Any]:
    """Write down the books: consumed = accepted + duplicate + superseded + rejected; accepted = the sum of verdicts."""
    verdicts: dict[str, int] = {}
    teams: dict[str, dict[str, int]] = {}
    for (team, verdict), count in books.verdicts.items():
        verdicts[verdict] = verdicts.get(verdict, 0) + count
        teams.setdefault(team, {})[verdict] = count
    rejected = {f"{stage}.{reason}": count for (stage, reason), count in books.rejected.items()}
    balanced = books.consumed == books.accepted + books.duplicate + books.superseded + sum(
        rejected.values()
    ) and books.accepted == sum(verdicts.values())
    return {
        "consumed": books.consumed,
        "accepted": books.accepted,
        "duplicate": books.duplicate,
        "superseded": books.superseded,
        "rejected": rejected,
        "verdicts": verdicts,
        "verdicts_by_team": teams,
        "category_methods": dict(books.methods),
        "links": {f"{status}.{method}": count for (status, method), count in books.links.items()},
        "copies": books.copies,
        "alerts": alerts,
        "reviews": reviews,
        "balanced": balanced,
    }


async def _scorecards(scores: Scores, metrics: Metrics, renamed: Renamed) -> AsyncIterator[Mapping[str, Any]]:
    """Tell of all time, which ends with what was heard last: the files are the same whenever they are written."""
    end = await scores.heard_until()
    for by in Dimension:
        tallied = await scores.scores(Sample(by=by, period=EVER, renamed=renamed))
        closed: Sequence[CaseTally] = ()
        if end is not None:
            cohort = Cohort(by=by, period=EVER, days=metrics.recontact_days, known_until=end, renamed=renamed)
            closed = (await scores.cases(cohort)).tallies
        for card in scorecards(by, tallied.tallies, metrics.floor, closed):
            yield scorecard_line(card)


async def _write(
    path: Path, documents: AsyncIterator[Mapping[str, Any]], told: dict[str, dict[str, int]] | None = None
) -> int:
    count = 0
    with path.open("wb") as file:
        async for document in documents:
            file.write(orjson.dumps(document, option=orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE))
            count += 1
            if told is not None:
                for name, value in (("by_reason", document["reason"]), ("by_team", document["team"])):
                    told[name][value] = told[name].get(value, 0) + 1
    return count
