"""The folders of peers -> who takes part, how each is started, and what it says of itself.

A peer is a folder with `requirements.txt`, whose environment is `.venv-peers/<folder>`, or with `jvm.options`,
whose jar is there. It says what it guarantees in `about.toml`, or in the docstring of its program.
"""

import ast
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[3]
PEERS = ROOT / "tests" / "bench" / "peers"
ENVIRONMENTS = ROOT / ".venv-peers"
OURS, OWN = "ours", "own"
# The options of a Java peer's JVM.
_JAVA = "jvm.options"
YARDSTICKS = ("fetch-only", "write-only")
_ONE_WAY = frozenset({"by_hand", "kafka_streams_batch"})
_DEPENDENCY = re.compile(r"<artifactId>([\w-]+)</artifactId>\s*<version>([\w.]+)</version>\s*(?:<type>|</dependency>)")
_VERSIONS = (
    "import json,sys;from importlib.metadata import version as v;print(json.dumps({n:v(n) for n in sys.argv[1:]}))"
)


class Absent(Exception):
    """A contestant can not be started here; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contestant:
    """`peer` is a folder, or None for our service, which has `processes`; `sql` is how a peer writes."""

    peer: str | None
    sql: str = OURS
    processes: int = 1

    @property
    def key(self) -> str:
        if self.peer is not None:
            return f"{self.peer}/{self.sql}"
        return "feedback-router" if self.processes == 1 else f"feedback-router x{self.processes}"

    def command(self) -> Sequence[str]:
        """Return what to run.

        Raises:
            Absent: it has not been built.
        """
        if self.peer is None:
            command = [sys.executable, "-m", "service", "serve"]
            return command if self.processes == 1 else [*command, "--processes", str(self.processes)]
        if (options := PEERS / self.peer / _JAVA).exists():
            return ["java", f"@{options}", "-jar", str(jar(self.peer))]
        return [str(interpreter(self.peer)), "-m", f"tests.bench.peers.{self.peer}"]


def interpreter(peer: str) -> Path:
    """Return the Python of a peer's environment; one named `x_batch` may share that of `x`.

    Raises:
        Absent: there is none.
    """
    for name in (peer, peer.removesuffix("_batch")):
        if (found := ENVIRONMENTS / name / "bin" / "python").exists():
            return found
    raise Absent("no environment: `make bench-peers` makes it")


def jar(peer: str) -> Path:
    """Return the jar that Maven has built of a peer; one named `x_batch` shares that of `x`.

    Raises:
        Absent: there is none.
    """
    found = sorted((ENVIRONMENTS / peer.removesuffix("_batch")).glob("*.jar"))
    if not found:
        raise Absent("not built: `make bench-peers` does that where Maven is")
    return found[0]


def peers() -> Sequence[str]:
    return sorted(
        folder.name for folder in PEERS.iterdir() if (folder / "__main__.py").exists() or (folder / _JAVA).exists()
    )


def contestants(processes: int) -> Sequence[Contestant]:
    """Return everybody: our service, also with so many processes, and each peer with its own way to write and ours."""
    ours = [Contestant(peer=None)]
    if processes > 1:
        ours.append(Contestant(peer=None, processes=processes))
    ways = [(peer, (OURS,) if peer in _ONE_WAY else (OWN, OURS)) for peer in peers()]
    return [*ours, *[Contestant(peer=peer, sql=sql) for peer, found in ways for sql in found]]


def about(peer: str) -> Mapping[str, Any]:
    """Return what a peer says of itself: name, guarantee, how it was tuned and by which page."""
    folder = PEERS / peer
    said = folder / "about.toml"
    if said.exists():
        return tomllib.loads(said.read_text(encoding="utf-8"))
    program = folder / "__main__.py"
    text = ast.get_docstring(ast.parse(program.read_text(encoding="utf-8"))) if program.exists() else None
    return {"name": peer, "guarantee": " ".join((text or "").split()), "packages": [], "tuning": []}


def versions(peer: str, packages: Sequence[str]) -> Mapping[str, str]:
    """Ask a peer's environment, or its pom.xml, what is in it; empty where neither can tell."""
    pom = PEERS / peer.removesuffix("_batch") / "pom.xml"
    if pom.exists():
        return dict(_DEPENDENCY.findall(pom.read_text(encoding="utf-8")))
    try:
        command = [str(interpreter(peer)), "-c", _VERSIONS, *packages]
        found = subprocess.run(command, capture_output=True, text=True, check=True, timeout=30)
    except (Absent, subprocess.SubprocessError):
        return {}
    told: dict[str, str] = json.loads(found.stdout)
    return told
