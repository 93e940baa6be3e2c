"""One target, so many cases, so much time -> what a run of libFuzzer came to."""

import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from tests.fuzz.targets import TARGETS

RSS_MEGABYTES = 512
# Wall-clock seconds for one case, for what never ends; the child measures processor time more closely.
HANG_SECONDS = 60
_PULSE = re.compile(r"^#(\d+)\s+\w+\s+cov: (\d+) ft: (\d+)")
_FINAL = re.compile(r"^stat::number_of_executed_units:\s+(\d+)")
_LAST_LINES = 60
_FINDINGS = ("crash-*", "timeout-*", "oom-*", "leak-*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """`findings` are the files that hold the inputs at fault; a run that broke off before any case has `failed`."""

    target: str
    cases: int
    seconds: float
    seed: int
    coverage: int
    features: int
    findings: tuple[str, ...]
    failed: bool = False


@dataclass(slots=True)
class Heard:
    """What libFuzzer has said so far."""

    cases: int = 0
    coverage: int = 0
    features: int = 0

    def take(self, line: str) -> bool:
        """Read one line; say whether it is worth showing as progress."""
        final = _FINAL.match(line)
        if final is not None:
            self.cases = int(final[1])
        pulse = _PULSE.match(line)
        if pulse is None:
            return False
        self.cases, self.coverage, self.features = (int(figure) for figure in pulse.groups())
        return "pulse" in line or "DONE" in line


def run(target: str, *, cases: int, seconds: int, seed: int, findings: Path, say: Callable[[str], None]) -> Ran:
    """Fuzz until so many cases or seconds are over, or the first finding."""
    chosen = TARGETS[target]
    folder = findings / target
    folder.mkdir(parents=True, exist_ok=True)
    before = set(_found(folder))
    heard = Heard()
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as scratch:
        corpus = Path(scratch) / "corpus"
        corpus.mkdir()
        for number, seed_input in enumerate(chosen.seeds()):
            (corpus / f"{number:04}").write_bytes(seed_input[: chosen.longest])
        dictionary = Path(scratch) / "words"
        dictionary.write_text(_dictionary(chosen.words))
        flags = (
            f"-runs={cases}",
            f"-max_total_time={seconds}",
            f"-seed={seed}",
            f"-max_len={chosen.longest}",
            f"-timeout={HANG_SECONDS}",
            f"-rss_limit_mb={RSS_MEGABYTES}",
            f"-dict={dictionary}",
            f"-artifact_prefix={folder}/",
            "-print_final_stats=1",
        )
        child = subprocess.Popen(
            [sys.executable, "-m", "tests.fuzz.child", target, *flags, str(corpus)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
        last: list[str] = []
        for line in child.stdout or ():
            last = [*last[-_LAST_LINES:], line.rstrip()]
            if heard.take(line):
                say(f"{target}: {line.strip()}")
        status = child.wait()
    new = tuple(sorted(set(_found(folder)) - before))
    failed = status != 0 and not new
    if status != 0:
        say("\n".join(last))
    for path in new:
        say(f"{target}: finding in {path}; `python -m tests.fuzz.child {target} {path}` runs it again")
    return Ran(
        target=target,
        cases=heard.cases,
        seconds=round(time.monotonic() - began, 1),
        seed=seed,
        coverage=heard.coverage,
        features=heard.features,
        findings=new,
        failed=failed,
    )


def _found(folder: Path) -> Iterable[str]:
    return (str(path) for pattern in _FINDINGS for path in folder.glob(pattern))


def _dictionary(words: Iterable[str]) -> str:
    return "".join('"' + "".join(f"\\x{byte:02x}" for byte in word.encode()) + '"\n' for word in words)
