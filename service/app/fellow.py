"""`python -m service.app.fellow NUMBER`: a process that decides beside the first one, which starts and asks it.

It is no command of ours, since the command line would cost each process what it never uses.
"""

import asyncio
import os
import sys

import structlog

from service.app.logs import log_to_stderr
from service.app.serve import serve
from service.ports import OutOfReachError
from service.settings import Role, read_settings

_OUT_OF_REACH = 3


def main(number: int) -> None:
    settings = read_settings(os.environ)
    log_to_stderr(settings.log_level, process=number)
    try:
        asyncio.run(serve(settings, [Role.WORKER], is_first=False))
    except OutOfReachError as trouble:
        structlog.get_logger().error("out_of_reach", reason=str(trouble))
        sys.exit(_OUT_OF_REACH)


if __name__ == "__main__":
    main(int(sys.argv[1]))
