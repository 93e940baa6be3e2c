"""`python -m tests.fuzz`: every target, or those named, one after another; a JSON line for each on stdout.

Exit codes: 0 nothing found, 1 a finding, 2 usage, 3 there is no fuzzer on this machine.
"""

import argparse
import importlib.util
import json
import random
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from tests.fuzz import campaign
from tests.fuzz.targets import TARGETS

MISSING = (
    "atheris is not installed: its wheels are for CPython on Linux x86-64. Elsewhere run this in a container of that "
    "kind; the properties of the same targets are in `make test`."
)


def main(arguments: Sequence[str] | None = None) -> int:
    options = _options(arguments)
    if importlib.util.find_spec("atheris") is None:
        sys.stderr.write(f"{MISSING}\n")
        return 3
    status = 0
    for name in options.targets or TARGETS:
        share = TARGETS[name].share if not options.targets else 1 / len(options.targets)
        ran = campaign.run(
            name,
            cases=max(1, round(options.cases * share)),
            seconds=max(1, round(options.seconds / len(options.targets or TARGETS))),
            seed=options.seed,
            findings=options.findings,
            say=_say,
        )
        sys.stdout.write(json.dumps(asdict(ran)) + "\n")
        sys.stdout.flush()
        status = 1 if ran.findings or ran.failed else status
    return status


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description="Fuzz what takes input from outside.")
    parser.add_argument("targets", nargs="*", choices=[[], *TARGETS], help="those to run; all when none is named")
    parser.add_argument("--cases", type=int, default=1_000_000, help="cases over all targets")
    parser.add_argument("--seconds", type=int, default=3_600, help="at most so long over all targets")
    parser.add_argument("--seed", type=int, default=random.randrange(1, 2**31), help="what libFuzzer draws from")
    parser.add_argument("--findings", type=Path, default=Path(".fuzz"), help="the folder for inputs at fault")
    return parser.parse_args(arguments)


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")


if __name__ == "__main__":
    raise SystemExit(main())
