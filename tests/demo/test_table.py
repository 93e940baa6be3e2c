"""The demo's live table."""

from datetime import UTC, datetime, timedelta
from io import StringIO

from rich.console import Console

from service.demo.table import DemoProgress, ReviewProgress, TeamProgress, progress_view


def _shown(progress: DemoProgress) -> list[str]:
    output = StringIO()
    Console(file=output, width=100, color_system=None).print(progress_view(progress))
    return [" ".join(line.replace("│", " ").split()) for line in output.getvalue().splitlines()]


def test_a_demo_that_has_not_begun_says_so() -> None:
    lines = _shown(
        DemoProgress(
            events=0, published=0, consumed=0, clock=None, elapsed=timedelta(), verdicts={}, teams=(), reviews=()
        )
    )

    assert any("Event time: not started" in line for line in lines)
    assert any("0 of 0 decided" in line for line in lines)
    assert lines[-1] == "No review yet: no volume of complaints calls for one."


def test_verdicts_queues_and_reviews_are_shown_with_the_busiest_first() -> None:
    lines = _shown(
        DemoProgress(
            events=5000,
            published=1300,
            consumed=1200,
            clock=datetime(2026, 5, 4, 9, 12, tzinfo=UTC),
            elapsed=timedelta(seconds=4),
            verdicts={"opened": 12, "quiet": 900},
            teams=(
                TeamProgress(team="payments", open_alerts=1, notices=2),
                TeamProgress(team="fulfilment", open_alerts=3, notices=7),
            ),
            reviews=(
                ReviewProgress(
                    level="local_adjustment",
                    state="open",
                    process="click-and-collect",
                    category="locker_fault",
                    customers=23,
                    expected=8.0,
                ),
                ReviewProgress(
                    level="formal_review",
                    state="open",
                    process="delivery",
                    category="delivery_delay",
                    customers=98,
                    expected=22.45,
                ),
            ),
        )
    )
    text = "\n".join(lines)

    assert "Event time: Mon 04 May 2026 09:12" in text
    assert "1,200 of 5,000 decided 1,300 published 300/s" in text
    assert text.index("quiet 900") < text.index("opened 12")
    assert text.index("fulfilment 3 7") < text.index("payments 1 2")
    assert "formal review delivery delivery_delay open 98 22.4" in text
    assert "local adjustment click-and-collect locker_fault open 23 8.0" in text
