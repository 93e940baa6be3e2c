"""The race's document -> its page in Markdown: one table for idiomatic peers, one with our SQL, and each workload.

Nothing is on it that is not in the document; wherever a rival is ahead of us that is a sentence of its own.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from tests.bench.race.contestants import OURS, OWN, YARDSTICKS
from tests.bench.race.figures import BY_HAND

US = "feedback-router"
_RATE = "events_per_second"

Figure = Mapping[str, Any]


def page(document: Mapping[str, Any]) -> str:
    return "\n".join(_lines(document)) + "\n"


def ahead(figures: Mapping[str, Mapping[str, Figure]], about: Mapping[str, Figure]) -> Sequence[str]:
    """Say where somebody who does the job is ahead of our best, by a rate or by a latency; one sentence for each."""
    return [sentence for workload, found in figures.items() for sentence in _ahead(workload, found, about)]


def is_ours(name: str) -> bool:
    return name.startswith(US)


def named(name: str, about: Mapping[str, Figure]) -> str:
    """Return what a contestant is called; our own name and a yardstick's are as they are."""
    peer, _, sql = name.partition("/")
    if not sql:
        return name
    told = str(about.get(peer, {}).get("name", peer))
    return told if name == BY_HAND else f"{told}, {'our SQL' if sql == OURS else 'own'}"


def _lines(document: Mapping[str, Any]) -> Iterator[str]:
    figures, about, machine = document["figures"], document["about"], document["machine"]
    yield "# The race"
    yield ""
    yield (
        "Made by `python -m tests.bench.race --page` from `race.json`, which has each run; `make bench-peers` runs the "
        "race. The same job by everybody: validate, drop what is known, redact, categorise by the same keywords, judge "
        "the severity, contribute to volumes, keep the alert, write the outbox."
    )
    yield ""
    yield (
        "Our service does all that it does in production: it redacts more, links the case, follows revisions, tickets "
        "and customers who come back, asks silences and budgets whether a team is told, "
        "writes what explains and replays each decision, keeps leases, timers and books, and sends the outbox in Kafka "
        "transactions. The others do the job alone, and leave their outbox unsent."
    )
    yield ""
    versions = ", ".join(f"{name} {number}" for name, number in document["versions"].items())
    yield (
        f"On {machine['cores']} cores of {machine['processor']}, {machine['system']}; {versions}. Broker, PostgreSQL "
        f"and whoever runs share them. Runs of {document['seconds']:g} s after a warm-up, in turns; medians, with the "
        f"least and the greatest in brackets; seed {document['seed']}."
    )
    yield ""
    yield "## Who is ahead of us"
    yield ""
    sentences = ahead(figures, about)
    yield from [f"- {sentence}" for sentence in sentences] or ["Nobody in what was run."]
    yield ""
    yield "In the two tables the brackets have how many times as many events our best does."
    yield ""
    for title, ways in (("Idiomatic", (OWN,)), ("With our SQL", (OURS,))):
        yield f"## {title}"
        yield ""
        yield from _overview(figures, about, ways)
    for workload, found in figures.items():
        yield f"## {workload}"
        yield ""
        what = str(document["workloads"][workload])
        yield f"{what[:1].upper()}{what[1:]}."
        yield ""
        yield from _workload(found, about)
        yield f"![Events a second, {workload}](images/race-{workload}.svg)"
        yield ""
    yield "## Guarantees and tuning"
    yield ""
    for peer, said in about.items():
        yield from _said(peer, said)


def _overview(
    figures: Mapping[str, Mapping[str, Figure]], about: Mapping[str, Figure], ways: Sequence[str]
) -> Iterator[str]:
    """One row for each contestant, one column for each workload: events a second, and the share of our rate."""
    names = list(dict.fromkeys(name for found in figures.values() for name in found))
    kept = [name for name in names if "/" not in name or name == BY_HAND or name.partition("/")[2] in ways]
    yield f"| events a second | {' | '.join(figures)} |"
    yield f"| --- |{' --- |' * len(figures)}"
    for name in kept:
        yield f"| {named(name, about)} | {' | '.join(_cell(found, name) for found in figures.values())} |"
    yield ""


def _cell(found: Mapping[str, Figure], name: str) -> str:
    figure = found.get(name)
    if figure is None:
        return ""
    if _RATE not in figure:
        return "failed"
    rate, best = figure[_RATE]["median"], _best(found)
    share = "" if best is None or is_ours(name) else f" ({found[best][_RATE]['median'] / rate:.2f})"
    return f"{rate:,.0f}{share}"


def _best(found: Mapping[str, Figure]) -> str | None:
    """Name what has done most of ours: several processes, where they ran."""
    ours = [name for name, figure in found.items() if is_ours(name) and _RATE in figure]
    return max(ours, key=lambda name: float(found[name][_RATE]["median"]), default=None)


def _workload(found: Mapping[str, Figure], about: Mapping[str, Figure]) -> Iterator[str]:
    columns: tuple[tuple[str, Callable[[Figure], str]], ...] = (
        ("events a second", lambda figure: _spread(figure.get(_RATE))),
        ("to write-only", lambda figure: _ratio(figure, YARDSTICKS[1])),
        ("to by hand", lambda figure: _ratio(figure, BY_HAND)),
        ("CPU s a million", lambda figure: _spread(figure.get("cpu_per_million", {}).get("process"))),
        ("PostgreSQL's", lambda figure: _spread(figure.get("cpu_per_million", {}).get("postgres"))),
        ("WAL bytes an event", lambda figure: _spread(figure.get("wal_bytes_per_event"))),
        ("whole pages of it", lambda figure: _spread(figure.get("wal_pages_per_event"))),
        ("peak MB, greatest process", lambda figure: _spread(figure.get("peak_mb", {}).get("greatest_process"))),
    )
    yield from _table(found, about, columns)
    if any("whole" in figure for figure in found.values()):
        for name, figure in found.items():
            for run in figure.get("whole", ()):
                yield (
                    f"Through the whole backlog {named(name, about)} decided {run['events']:,} events in "
                    f"{run['seconds']:,.0f} s ({run[_RATE]:,.0f} a second); its greatest process took "
                    f"{max(run['peak_mb']):,.0f} MB."
                )
                yield ""
    if any("latency_ms" in figure for figure in found.values()):
        yield (
            "At half of each one's own rate, in ms from when an event was due to be sent to its commit, and to the "
            "notice where it is critical:"
        )
        yield ""
        late: tuple[tuple[str, Callable[[Figure], str]], ...] = (
            ("events a second", lambda figure: _spread(figure.get("rate_of_latency"))),
            *[(place, _reader("latency_ms", place)) for place in ("p50", "p99", "p99.9")],
            *[(f"critical notice, {place}", _reader("critical_ms", place)) for place in ("p50", "p99")],
            ("sender late, p99", _reader("sender_late_ms", "p99")),
            ("never committed", lambda figure: f"{figure['missing']:,}"),
        )
        yield from _table({name: one for name, one in found.items() if "latency_ms" in one}, about, late)
    for name, figure in found.items():
        if "failed" in figure:
            yield f"{named(name, about)} failed in {figure['failed']['runs']} runs: {figure['failed']['reason']}."
            yield ""


def _table(
    found: Mapping[str, Figure],
    about: Mapping[str, Figure],
    columns: Sequence[tuple[str, Callable[[Figure], str]]],
) -> Iterator[str]:
    told = [(title, read) for title, read in columns if any(map(read, found.values()))]
    yield f"| | {' | '.join(title for title, _ in told)} |"
    yield f"| --- |{' --- |' * len(told)}"
    for name, figure in found.items():
        yield f"| {named(name, about)} | {' | '.join(read(figure) for _, read in told)} |"
    yield ""


def _reader(measure: str, place: str) -> Callable[[Figure], str]:
    return lambda figure: _spread(figure.get(measure, {}).get(place))


def _spread(found: Figure | None) -> str:
    if found is None:
        return ""
    digits = 0 if found["median"] >= 100 else 1
    middle, least, most = (f"{found[name]:,.{digits}f}" for name in ("median", "min", "max"))
    return middle if least == most else f"{middle} ({least} to {most})"


def _ratio(figure: Figure, to: str) -> str:
    ratio = figure.get("ratio_to", {}).get(to)
    return "" if ratio is None else f"{ratio:.2f}"


def _ahead(workload: str, found: Mapping[str, Figure], about: Mapping[str, Figure]) -> Iterator[str]:
    rivals = [name for name in found if not is_ours(name) and name not in YARDSTICKS]
    rates = {name: one[_RATE]["median"] for name, one in found.items() if _RATE in one}
    if (best := _best(found)) is not None:
        for rival in rivals:
            if (rate := rates.get(rival, 0)) > rates[best]:
                times = f"{rate / rates[best]:.1f} times the {rates[best]:,.0f} of {best}"
                yield f"{workload}: {named(rival, about)} does {rate:,.0f} events a second, {times}."
    lates = {name: one["latency_ms"]["p99"]["median"] for name, one in found.items() if "latency_ms" in one}
    if ours := [name for name in lates if is_ours(name)]:
        best = min(ours, key=lambda name: lates[name])
        for rival in rivals:
            if (late := lates.get(rival, math.inf)) < lates[best]:
                beside = f"{late:,.0f} ms, {best} within {lates[best]:,.0f} ms"
                yield f"{workload}: at p99 and half of its own rate {named(rival, about)} commits within {beside}."


def _said(peer: str, said: Figure) -> Iterator[str]:
    versions = ", ".join(f"{name} {number}" for name, number in said.get("versions", {}).items())
    yield f"**{said.get('name', peer)}**{f' ({versions})' if versions else ''}: {said.get('guarantee', '')}"
    yield ""
    for one in said.get("tuning", ()):
        yield f"- {one['what']} (<{one['page']}>)"
    if said.get("tuning"):
        yield ""
