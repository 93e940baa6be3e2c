"""A command and a database -> its exit code and what it answered."""

import asyncio
import os
from collections.abc import Sequence


async def asked(arguments: Sequence[str], dsn: str, **settings: str) -> tuple[int, bytes]:
    process = await asyncio.create_subprocess_exec(
        *arguments,
        env={"PATH": os.environ.get("PATH", ""), "DATABASE_URL": dsn, **settings},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, talk = await process.communicate()
    assert process.returncode in (0, 1), talk.decode()
    return process.returncode, out
