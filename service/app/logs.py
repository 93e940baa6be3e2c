"""Log events -> one JSON object a line on stderr; what the loops log names things, never what customers wrote.

Where several processes share a log, each line has the number of its own.
"""

import logging
import sys

import structlog


def log_to_stderr(level: str, process: int | None = None) -> None:
    """Set the whole process up; the libraries' own logs speak from WARNING on."""
    if process is not None:
        structlog.contextvars.bind_contextvars(process=process)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(sort_keys=True),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    who = "" if process is None else f"process {process} "
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format=f"%(levelname)s {who}%(name)s %(message)s")
