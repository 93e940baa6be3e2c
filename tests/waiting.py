"""Waiting for what another process brings about."""

import asyncio
from collections.abc import Callable


async def until(condition: Callable[[], object], seconds: float = 20.0) -> None:
    """Returns once the condition holds; raises TimeoutError when it never does."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 (what is waited for happens in a server, which sets no event of ours)
            await asyncio.sleep(0.02)
