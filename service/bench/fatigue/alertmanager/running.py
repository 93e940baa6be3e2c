"""A program and posts at times -> what it sent, once its clock ran through a span 600 times faster than the events'.

The program is Debian's or any other Alertmanager from 0.25 on. It runs alone, on loopback, with its data in a folder
of its own, and ends with us. AlertmanagerUnavailable says what is missing, or what its log ended with.
"""

import http.client
import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any

import orjson

from service.bench.fatigue.alertmanager.config import config
from service.bench.fatigue.alertmanager.feed import Post
from service.bench.fatigue.alertmanager.notifications import Notification, heard, read
from service.bench.fatigue.alertmanager.webhook import Webhook
from service.bench.fatigue.values import Span
from service.core.pipeline.rules import Rules
from service.embedded.server import LocalServer, runtime_folder

SCALE = 600.0
VARIABLE = "ALERTMANAGER_BIN"
_PROGRAM = "prometheus-alertmanager"
_READY_SECONDS = 30.0
_HTTP_SECONDS = 10.0
_LONGEST_PATH = 200
# Longer than any run: what fires does so until it is ended.
_FIRES_FOR = timedelta(hours=12)


class AlertmanagerUnavailable(Exception):
    """No Alertmanager can run here; the message says why."""


def find() -> Path:
    """Find the program by ALERTMANAGER_BIN, or on the path.

    Raises:
        AlertmanagerUnavailable: it is at neither place.
    """
    named = os.environ.get(VARIABLE)
    path = shutil.which(named or _PROGRAM)
    if path is None:
        raise AlertmanagerUnavailable(
            f"{named or _PROGRAM} is not there; install Debian's prometheus-alertmanager or set {VARIABLE}"
        )
    return Path(path)


def version(program: Path) -> str:
    """Ask a program for its version, in one line."""
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=False, timeout=_HTTP_SECONDS)
    return (said.stdout or said.stderr).partition("\n")[0].strip()


def compare(
    program: Path,
    posted: Sequence[Post],
    rules: Rules,
    span: Span,
    negative: int,
    stop: threading.Event,
    scale: float = SCALE,
) -> dict[str, Any]:
    """Run an Alertmanager through a span and measure what it sent; `stop` ends it early.

    Raises:
        AlertmanagerUnavailable: it did not start, or ended on its own.
    """
    sent, lag = run(program, posted, rules, span, stop, scale)
    return {**heard(sent, posted, negative, span), "worst_lag_of_posting_seconds": round(lag, 3)}


def run(
    program: Path, posted: Sequence[Post], rules: Rules, span: Span, stop: threading.Event, scale: float = SCALE
) -> tuple[list[Notification], float]:
    """Return the notifications of a span, and by how many seconds of wall time the latest post was late."""
    folder = runtime_folder(longest_name="alertmanager.yml", limit=_LONGEST_PATH, account=None)
    with Webhook() as webhook:
        settings = folder / "alertmanager.yml"
        settings.write_bytes(orjson.dumps(config(posted, rules, webhook.url, scale)))
        port = _free_port()
        server = LocalServer(command=_command(program, settings, folder, port), folder=folder, account=None)
        server.start()
        try:
            _until_ready(server, port)
            began = time.monotonic()
            lag = _post_all(server, port, posted, _Pace(span, began, scale), stop)
        finally:
            server.stop()
    pace = _Pace(span, began, scale)
    sent = (read(pace.event_time(at), team, body) for at, team, body in webhook.received)
    return [one for one in sent if one.at in span], lag


class _Pace:
    """Event time against wall time."""

    def __init__(self, span: Span, began: float, scale: float) -> None:
        self._span = span
        self._began = began
        self._scale = scale

    def due(self, at: datetime) -> float:
        return self._began + (at - self._span.since).total_seconds() / self._scale

    @property
    def end(self) -> float:
        return self.due(self._span.until)

    def event_time(self, moment: float) -> datetime:
        return self._span.since + timedelta(seconds=(moment - self._began) * self._scale)


def _post_all(server: LocalServer, port: int, posted: Sequence[Post], pace: _Pace, stop: threading.Event) -> float:
    """Post everything in time, and wait for the end of the span."""
    lag = 0.0
    fired: dict[tuple[tuple[str, str], ...], datetime] = {}
    for (at, _), lot in groupby(posted, key=lambda post: (post.at, post.ends)):
        _wait(server, pace.due(at), stop)
        lag = max(lag, time.monotonic() - pace.due(at))
        now = datetime.now(UTC)
        body = []
        for post in lot:
            begins = fired.pop(post.labels, now) if post.ends else fired.setdefault(post.labels, now)
            ends = now if post.ends else now + _FIRES_FOR
            body.append({"labels": dict(post.labels), "startsAt": begins.isoformat(), "endsAt": ends.isoformat()})
        _ask(port, "POST", "/api/v2/alerts", orjson.dumps(body))
    _wait(server, pace.end, stop)
    return lag


def _wait(server: LocalServer, until: float, stop: threading.Event) -> None:
    while (left := until - time.monotonic()) > 0:
        if stop.wait(min(left, 1.0)):
            raise AlertmanagerUnavailable("the run was stopped")
        if server.pid is None:
            raise AlertmanagerUnavailable(f"Alertmanager ended on its own: {server.log_tail()}")


def _until_ready(server: LocalServer, port: int) -> None:
    give_up_at = time.monotonic() + _READY_SECONDS
    while server.pid is not None and time.monotonic() < give_up_at:
        try:
            _ask(port, "GET", "/-/ready")
        except (OSError, http.client.HTTPException, AlertmanagerUnavailable):
            time.sleep(0.05)
        else:
            return
    raise AlertmanagerUnavailable(f"Alertmanager did not start: {server.log_tail()}")


def _ask(port: int, method: str, path: str, body: bytes | None = None) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_HTTP_SECONDS)
    try:
        connection.request(method, path, body, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        said = answer.read()
    finally:
        connection.close()
    if answer.status != http.client.OK:
        raise AlertmanagerUnavailable(f"Alertmanager answered {answer.status}: {said[:500].decode(errors='replace')}")


def _command(program: Path, settings: Path, folder: Path, port: int) -> list[str]:
    return [
        str(program),
        f"--config.file={settings}",
        f"--storage.path={folder / 'state'}",
        f"--web.listen-address=127.0.0.1:{port}",
        # Alone: without a cluster it waits for no peers.
        "--cluster.listen-address=",
        "--log.level=warn",
    ]


def _free_port() -> int:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port: int = held.getsockname()[1]
        return port
