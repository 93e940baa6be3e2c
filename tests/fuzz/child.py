"""Runs one target under libFuzzer, in a process of its own because libFuzzer ends the process that it runs in."""

import sys
import time
from random import Random

import atheris

# Processor time, so that a busy machine makes no finding.
MOST_SECONDS = 5.0


class HangError(AssertionError):
    """A case took longer than any input may."""


def main() -> None:
    name, *flags = sys.argv[1:]
    with atheris.instrument_imports(include=["service", "ruamel.yaml"]):
        from tests.fuzz.targets import TARGETS  # noqa: PLC0415 - only what is imported here is instrumented
    case, vary = TARGETS[name].case, TARGETS[name].vary

    def timed(data: bytes) -> None:
        began = time.process_time()
        case(data)
        took = time.process_time() - began
        if took > MOST_SECONDS:
            raise HangError(f"{len(data)} bytes took {took:.1f} s")

    def varied(data: bytes, most: int, seed: int) -> bytes:
        random = Random(seed)
        changed = vary(data, random) if vary is not None and random.randrange(2) else data
        return changed if data != changed and len(changed) <= most else bytes(atheris.Mutate(data, most))

    if vary is None:
        atheris.Setup([sys.argv[0], *flags], timed)
    else:
        atheris.Setup([sys.argv[0], *flags], timed, custom_mutator=varied)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
