"""A host of the playbook -> an address that may be connected to, looked up once, so that it can not change behind."""

import asyncio
import socket

from service.core.deliver import is_allowed


class ForbiddenError(Exception):
    """The name leads to an address that no channel may reach."""


async def address_of(host: str, port: int, *, private: bool) -> str:
    """Return the first address of a host; none may be a forbidden one.

    Raises:
        ForbiddenError: an address is not allowed.
        OSError: the name leads nowhere.
    """
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [str(one[4][0]) for one in found]
    if not addresses or not all(is_allowed(one, private=private) for one in addresses):
        raise ForbiddenError
    return addresses[0]
