"""`python -m tests.infrastructure.with_kafka -- COMMAND ...`: run a command on a real Apache Kafka of its own.

KAFKA_BOOTSTRAP_SERVERS names it to the command; where the variable is set already, the command runs as it is. Without
Java and Maven the command runs without the variable, and so on what it brings along itself; that is said. The exit code
is the command's.
"""

import os
import subprocess
import sys
from contextlib import ExitStack

from tests.infrastructure.apache_kafka import KafkaUnavailable, start_kafka

_VARIABLE = "KAFKA_BOOTSTRAP_SERVERS"
_USAGE = 2


def main(arguments: list[str]) -> int:
    if arguments[:1] != ["--"] or len(arguments) == 1:
        sys.stderr.write("usage: python -m tests.infrastructure.with_kafka -- COMMAND ...\n")
        return _USAGE
    environment = dict(os.environ)
    with ExitStack() as stack:
        if not environment.get(_VARIABLE):
            try:
                environment[_VARIABLE] = stack.enter_context(start_kafka()).bootstrap_servers
            except KafkaUnavailable as reason:
                sys.stderr.write(f"no real Kafka: {reason}\n")
        return subprocess.run(arguments[1:], env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
