"""The command line: arguments in, one call into the application, JSON on stdout, talk on stderr."""

from service.cli.main import main

__all__ = ["main"]
