"""A snapshot of the demo -> what its terminal shows: how far the stream is, what became of it, and who has to act.

Everything shown is counted elsewhere; nothing here reads a clock or a store.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

_LEVEL_STYLES: Mapping[str, str] = {"formal_review": "bold red", "local_adjustment": "yellow"}


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamProgress:
    """What one team's queue holds: alerts open now, notices sent so far."""

    team: str
    open_alerts: int
    notices: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewProgress:
    """One review; `level` and `state` as in `reviews.jsonl` and `alerts.jsonl`."""

    level: str
    state: str
    process: str
    category: str
    customers: int
    expected: float


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoProgress:
    """The demo at one moment.

    `events` is how many records there are to be, `published` and `consumed` how many of them are through; `clock` is
    the event time reached, None before the first record; `verdicts` counts consumed records by verdict or outcome.
    """

    events: int
    published: int
    consumed: int
    clock: datetime | None
    elapsed: timedelta
    verdicts: Mapping[str, int]
    teams: tuple[TeamProgress, ...]
    reviews: tuple[ReviewProgress, ...]


def progress_view(progress: DemoProgress) -> RenderableType:
    side_by_side = Table.grid(padding=(0, 2))
    side_by_side.add_row(_verdicts(progress), _teams(progress))
    return Group(_headline(progress), side_by_side, _reviews(progress))


def _headline(progress: DemoProgress) -> RenderableType:
    bar = Table.grid(padding=(0, 2))
    seconds = progress.elapsed.total_seconds()
    rate = f"{progress.consumed / seconds:,.0f}/s" if seconds > 0 else ""
    bar.add_row(
        ProgressBar(total=max(1, progress.events), completed=progress.consumed, width=40),
        f"{progress.consumed:,} of {progress.events:,} decided",
        f"{progress.published:,} published",
        rate,
    )
    clock = f"{progress.clock:%a %d %b %Y %H:%M}" if progress.clock is not None else "not started"
    return Panel(bar, title=f"Event time: {clock}", title_align="left")


def _verdicts(progress: DemoProgress) -> Table:
    table = Table(title="Verdicts", title_justify="left")
    table.add_column("verdict")
    table.add_column("records", justify="right")
    for verdict, count in sorted(progress.verdicts.items(), key=lambda item: (-item[1], item[0])):
        table.add_row(verdict, f"{count:,}")
    return table


def _teams(progress: DemoProgress) -> Table:
    table = Table(title="Queues", title_justify="left")
    table.add_column("team")
    table.add_column("open alerts", justify="right")
    table.add_column("notices", justify="right")
    for team in sorted(progress.teams, key=lambda one: (-one.open_alerts, -one.notices, one.team)):
        table.add_row(team.team, f"{team.open_alerts:,}", f"{team.notices:,}")
    return table


def _reviews(progress: DemoProgress) -> RenderableType:
    if not progress.reviews:
        return Text("No review yet: no volume of complaints calls for one.", style="dim")
    table = Table(title="Reviews", title_justify="left")
    for column in ("level", "process", "category", "state"):
        table.add_column(column)
    table.add_column("customers", justify="right")
    table.add_column("expected", justify="right")
    for review in sorted(progress.reviews, key=lambda one: (one.level, one.process, one.category)):
        table.add_row(
            Text(review.level.replace("_", " "), style=_LEVEL_STYLES.get(review.level, "")),
            review.process,
            review.category,
            review.state,
            f"{review.customers:,}",
            f"{review.expected:.1f}",
        )
    return table
