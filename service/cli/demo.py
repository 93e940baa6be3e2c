"""`demo`: the whole service on this machine, with nothing to install or set up, and a stream worth looking at."""

import asyncio
import socket
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.live import Live

from service.app.demo import Demo, run_demo
from service.app.logs import log_to_stderr
from service.assets import playbooks
from service.cli.serving import embedded_services, explained, settings_or_end
from service.cli.speech import answer, say, talk
from service.demo.table import DemoProgress, progress_view
from service.settings import Clock

# Nine weeks in a minute: the topics may be some hours apart, well within the day that the weekly tick waits.
_AHEAD_SECONDS = 6 * 3600


def demo_command(
    events: Annotated[int, typer.Option(min=1, max=1_000_000, help="How many events the nine weeks have.")] = 5_000,
    seed: Annotated[int, typer.Option(help="Another seed, another stream.")] = 1,
    playbook: Annotated[Path | None, typer.Option(help="Decide by this playbook instead of the retailer's.")] = None,
    *,
    exit_when_done: Annotated[
        bool, typer.Option("--exit-when-done", help="End when the events are through, with a JSON summary.")
    ] = False,
) -> None:
    """Run every role on an embedded PostgreSQL and broker, with nine weeks of a retailer's life in a minute or two."""
    demo = Demo(events=events, seed=seed, exit_when_done=exit_when_done)
    with explained():
        asyncio.run(_demo(demo, playbook or playbooks() / "retail"))


async def _demo(demo: Demo, playbook: Path) -> None:
    say("Starting PostgreSQL and a broker; the first start takes some seconds ...")
    async with embedded_services() as given:
        settings = settings_or_end(
            **given,
            playbook=playbook,
            clock=Clock.STREAM,
            stream_ahead=_AHEAD_SECONDS,
            port=_free_port(),
            topic_partitions=1,
            log_level="ERROR",
        )
        log_to_stderr(settings.log_level)
        say(f"Console: http://{settings.host}:{settings.port}/ (the HTTP API is described at /openapi.json)")
        with Live(console=talk, refresh_per_second=4, transient=demo.exit_when_done) as live:
            shown = _Shown(live, talk)
            await run_demo(demo, settings, shown.show, shown.through)


class _Shown:
    """The live table on a terminal; a line now and then where nobody can see a table move."""

    def __init__(self, live: Live, console: Console) -> None:
        self._live = live
        self._console = console
        self._said = -1

    def show(self, progress: DemoProgress) -> None:
        if self._console.is_terminal:
            self._live.update(progress_view(progress))
            return
        tenth = progress.consumed * 10 // max(1, progress.events)
        if tenth > self._said:
            self._said = tenth
            say(
                f"{progress.consumed} of {progress.events} events decided; event time {progress.clock or 'not started'}"
            )

    def through(self, result: dict[str, Any]) -> None:
        answer(result)
        if not result["balanced"]:
            say("The books do not balance: this is a bug.")


def _free_port() -> int:
    """Take 8080 if nobody has it, else any free port."""
    for port in (8080, 0):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    return 0
