"""The console: pages for people, made on the server of what the JSON routes read and do.

Everything works by links and forms; scripts that may be missing add what is live.
"""

from service.console.build import create_console

__all__ = ["create_console"]
