"""A package of the `demo` extra -> the folder of its binaries, at a place that the server's account can read.

The package is located, never imported: its own launcher stays unused. Started by root, the binaries are copied once for
each version into a cache that root alone can write, because `nobody` may not look into a virtual environment that lies
in somebody's home.
"""

import shutil
import tempfile
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from service.embedded.server import Account, EmbeddedUnavailable

_ROOT_CACHE = Path("/var/cache/feedback-router")


def binaries_folder(package: str, *, distribution: str, account: Account | None) -> Path:
    """The folder of `package` beside its shared libraries, themselves readable by `account`.

    Raises EmbeddedUnavailable where the distribution is not installed or the cache cannot be written.
    """
    found = find_spec(package)
    if found is None or found.origin is None:
        raise EmbeddedUnavailable(f"{distribution} is not installed: pip install 'feedback-router[demo]'")
    installed = Path(found.origin).parent
    if account is None:
        return installed
    copy = _ROOT_CACHE / f"{distribution}-{version(distribution)}"
    if not copy.exists():
        try:
            _copy_for_everyone(installed, copy)
        except OSError as fault:
            raise EmbeddedUnavailable(f"cannot copy {distribution} into {_ROOT_CACHE}: {fault.strerror}") from fault
    return copy / package


def _copy_for_everyone(installed: Path, copy: Path) -> None:
    """Fills `copy` in one step: nobody ever finds half of it, and a copy that another process made meanwhile stays."""
    _ROOT_CACHE.mkdir(mode=0o755, parents=True, exist_ok=True)
    _ROOT_CACHE.chmod(0o755)
    unfinished = Path(tempfile.mkdtemp(prefix=copy.name, dir=_ROOT_CACHE))
    try:
        # The binaries look for their libraries in a folder beside the package.
        for folder in (installed, installed.with_name(f"{installed.name}.libs")):
            if folder.is_dir():
                shutil.copytree(
                    folder, unfinished / folder.name, ignore=shutil.ignore_patterns("__pycache__", "include")
                )
        for path in (unfinished, *unfinished.rglob("*")):
            executable = path.is_dir() or path.parent.name == "bin"
            path.chmod(0o755 if executable else 0o644)
        if not copy.exists():
            unfinished.rename(copy)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
