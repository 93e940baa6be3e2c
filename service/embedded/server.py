"""A command line -> a server process with a temporary folder, both of which end with this process, however it ends.

A shell guard waits on a pipe that only this process holds open. When the pipe closes without a word (an exit, a crash,
kill -9) the guard stops the server and removes the folder. The guard then becomes the server itself by exec, so that
the process id is the server's and waiting for it reaps it at once. Started by root, the server runs as `nobody`. It
sees none of our environment, where secrets live. It has a session of its own, so that Ctrl-C reaches us alone and we
drain before it stops.
"""

import atexit
import os
import pwd
import shutil
import signal
import stat
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_GUARD = """
exec 3<&0
( (
  read -r _ <&3 && exit
  kill -"$1" $$
  for _ in 1 2 3 4 5 6 7 8 9 10; do kill -0 $$ || { rm -rf -- "$2"; exit; }; sleep 1; done
  kill -KILL $$
  rm -rf -- "$2"
) 2>/dev/null & )
shift 2
exec "$@" 3<&- </dev/null
"""
_ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}
_LOG_TAIL_BYTES = 2_000
_TEMPORARY_FOLDERS = (Path(tempfile.gettempdir()), Path("/tmp"), Path("/var/tmp"))  # noqa: S108 (mkdtemp is private)
_STOP_SECONDS = 10.0


class EmbeddedUnavailable(Exception):
    """The embedded service cannot run here; the message says what is missing or what the server's log ended with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    uid: int
    gid: int


def unprivileged_account() -> Account | None:
    """Who a server must run as: `nobody` where we are root, ourselves (None) otherwise."""
    if os.geteuid() != 0:
        return None
    nobody = pwd.getpwnam("nobody")
    return Account(uid=nobody.pw_uid, gid=nobody.pw_gid)


def runtime_folder(*, longest_name: str, limit: int, account: Account | None, scratch: Path | None = None) -> Path:
    """A new private folder of `account`, in `scratch` if that can be.

    `account` reaches it, and `longest_name` in it has a path of at most `limit` bytes. Raises EmbeddedUnavailable.
    """
    for parent in (*(() if scratch is None else (scratch,)), *_TEMPORARY_FOLDERS):
        path = parent / "feedback-router-xxxxxxxx" / longest_name
        if parent.is_dir() and len(os.fsencode(path)) <= limit and _reaches(account, parent):
            folder = Path(tempfile.mkdtemp(prefix="feedback-router-", dir=parent))
            give(folder, account)
            return folder
    raise EmbeddedUnavailable("no temporary folder is near enough to the root and open to the server's account")


def give(folder: Path, account: Account | None) -> None:
    """Makes `account` the owner, with nobody else let in."""
    folder.chmod(0o700)
    if account is not None:
        os.chown(folder, account.uid, account.gid)


class LocalServer:
    """One server process at a time, made of the same command at each `start`, with its log in `folder`."""

    def __init__(
        self,
        *,
        command: Sequence[str],
        folder: Path,
        account: Account | None,
        stop_signal: signal.Signals = signal.SIGTERM,
    ) -> None:
        self.folder = folder
        self._command = command
        self._account = account
        self._stop_signal = stop_signal
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """The server's process id, None once it has ended and been reaped."""
        return self._process.pid if self._process is not None and self._process.poll() is None else None

    def start(self) -> None:
        """Returns once the process exists; what ready means, the caller knows. A running server is killed first."""
        self._end(signal.SIGKILL)
        signal_name = self._stop_signal.name.removeprefix("SIG")
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                ["/bin/sh", "-c", _GUARD, "guard", signal_name, str(self.folder), *self._command],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                env=_ENVIRONMENT,
                start_new_session=True,
                user=None if self._account is None else self._account.uid,
                group=None if self._account is None else self._account.gid,
                extra_groups=None if self._account is None else (),
            )
        atexit.register(self.stop)

    def stop(self) -> None:
        """As `halt`, and removes the folder. Stopping twice is no fault."""
        self.halt()
        atexit.unregister(self.stop)
        shutil.rmtree(self.folder, ignore_errors=True)

    def halt(self) -> None:
        """Stops the server in good order, by force after 10 s; the folder stays for the next `start`."""
        self._end(self._stop_signal)

    def kill(self) -> None:
        """What a power cut does to the process; the folder stays for the next `start`."""
        self._end(signal.SIGKILL)

    def log_tail(self) -> str:
        log = (self.folder / "log").read_bytes()
        return log[-_LOG_TAIL_BYTES:].decode(errors="replace").strip()

    def _end(self, with_signal: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(with_signal)
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        # A word on the pipe tells the guard that the end was ours: it must touch no folder and no reused process id.
        process.communicate(b"done\n")


def _reaches(account: Account | None, folder: Path) -> bool:
    return account is None or all(step.stat().st_mode & stat.S_IXOTH for step in (folder, *folder.parents))
