"""A parcel -> anything that apprise speaks to, if the extra `notify` is installed.

apprise says only whether it went well, and logs addresses, which are secrets: so trouble is always tried again, and its
log is closed.
"""

import asyncio
import logging
from importlib import import_module
from typing import Any

from service.core.deliver import said
from service.core.deliver.mail import plain
from service.core.records.deliveries import Attempt
from service.core.records.words import Attempted
from service.ports import Parcel

_SECONDS = 30.0


async def send_by_apprise(parcel: Parcel, address: str, public_url: str | None) -> Attempt:
    title, text = plain(said(parcel.delivery, public_url))
    try:
        # At first it reads what it speaks to everybody with, which takes a second or more.
        target = await asyncio.to_thread(_target, address)
    except ImportError:
        return Attempt(outcome=Attempted.NOT_SET_UP, detail="apprise is not installed: the extra notify has it")
    if target is None:
        return Attempt(outcome=Attempted.NOT_SET_UP, detail="apprise does not know the address")
    try:
        async with asyncio.timeout(_SECONDS):
            done = await target.async_notify(body=text, title=title)
    except TimeoutError:
        return Attempt(outcome=Attempted.TIMED_OUT)
    return Attempt(outcome=Attempted.ACCEPTED if done else Attempted.FAILED)


def _target(address: str) -> Any:  # noqa: ANN401 - apprise ships no types that we could rely on
    apprise = import_module("apprise")
    logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)
    target = apprise.Apprise()
    return target if target.add(address) else None
