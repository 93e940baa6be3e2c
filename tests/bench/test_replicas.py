"""Several processes as one peer of the race: they are ready together and end together."""

import signal
import subprocess
import sys

_READY = "import signal; print('ready\\n', end='', flush=True); signal.pause()"
_TALKS = "import signal; print('retrying\\nready\\n', end='', flush=True); signal.pause()"
_FAILS = "raise SystemExit(3)"


def _peer(*programs: str) -> "subprocess.Popen[str]":
    commands = [[sys.executable, "-c", program] for program in programs]
    run = f"import sys; from tests.bench.peers import replicas; sys.exit(replicas.run({commands!r}))"
    return subprocess.Popen([sys.executable, "-c", run], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_ready_is_said_once_and_what_else_is_said_goes_to_the_log() -> None:
    with _peer(_READY, _TALKS) as peer:
        assert peer.stdout is not None
        assert peer.stdout.readline() == "ready\n"
        peer.send_signal(signal.SIGTERM)
        assert (*peer.communicate(timeout=10), peer.returncode) == ("", "retrying\n", 0)


def test_where_one_ends_all_do_and_its_code_is_theirs() -> None:
    with _peer(_READY, _FAILS) as peer:
        assert (*peer.communicate(timeout=10), peer.returncode) == ("", "", 3)
