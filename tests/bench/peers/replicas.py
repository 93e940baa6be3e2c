"""Command lines -> as many processes that are one peer: `ready` is said once they all are, and they end together.

SIGTERM goes to each of them; where one ends by itself, so do the others, and the exit code is its own. What else they
say goes to the log. They die with this process, however it dies.
"""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Sequence

_READY = "ready\n"
_PR_SET_PDEATHSIG = 1


def run(commands: Sequence[Sequence[str]]) -> int:
    """Return the peer's exit code when all have ended."""
    heard, said = os.pipe()
    running = [
        subprocess.Popen(command, stdout=said, preexec_fn=_die_with_parent)  # noqa: PLW1509 (no thread runs)
        for command in commands
    ]
    os.close(said)
    asked_to_end = False

    def end(signal_number: int, _frame: object) -> None:
        nonlocal asked_to_end
        asked_to_end |= signal_number == signal.SIGTERM
        for replica in running:
            replica.send_signal(signal.SIGTERM)

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGCHLD, end)
    if any(replica.poll() is not None for replica in running):
        end(signal.SIGCHLD, None)
    _listen(heard, len(commands))
    codes = [replica.wait() for replica in running]
    return 0 if asked_to_end else next((code for code in codes if code not in {0, -signal.SIGTERM}), 1)


def _listen(heard: int, count: int) -> None:
    """Until the last of them has closed its end."""
    ready = 0
    with os.fdopen(heard) as lines:
        for line in lines:
            if line != _READY:
                sys.stderr.write(line)
                continue
            ready += 1
            if ready == count:
                print("ready", flush=True)  # noqa: T201 - the race waits for this line


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
