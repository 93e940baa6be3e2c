"""What asyncpg and PostgreSQL complain of -> the errors of `service.ports`.

The message of PostgreSQL is left out on purpose: it quotes rows, and so what customers wrote. The SQLSTATE and the name
of a constraint say enough.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg
import orjson

from service.ports import ConflictError, OutcomeUnknownError, OutOfReachError, RefusedError

_DATA = "22"
_CONFLICTS = ("40", "55P03")
# Connections, resources, operator's doing, a server gone read-only, disks, and sessions that idled too long.
_OUT_OF_REACH = ("08", "53", "57", "58", "25P03", "25P04", "25006", "3D000", "28")
# What asyncpg raises of itself when a connection is no good any more; the second where it ended between two statements.
BROKEN = (asyncpg.InterfaceError, asyncpg.InternalClientError, OSError)
_LOST = ("08", "57P", "25P03", "25P04")


class UnexpectedRefusalError(Exception):
    """PostgreSQL refused a statement for a reason that only a bug of ours explains."""


@contextmanager
def translated() -> Iterator[None]:
    """Turn what a statement raises into an error of the ports.

    Raises:
        ConflictError: deadlock, serialisation failure or a lock that did not come.
        OutOfReachError: the server does not answer.
        RefusedError: a value can not be stored.
        UnexpectedRefusalError: anything else that the server says.
    """
    try:
        yield
    except asyncpg.PostgresError as fault:
        raise _of_state(fault) from None
    except (asyncpg.exceptions._base.DataError, orjson.JSONEncodeError) as fault:  # noqa: SLF001 - not exported, and shadowed by name
        raise RefusedError(f"a value can not be sent: {type(fault).__name__}") from None
    except BROKEN as fault:
        raise OutOfReachError(type(fault).__name__) from None


@contextmanager
def settled() -> Iterator[None]:
    """As `translated`, around COMMIT: an answer that does not come leaves open what happened.

    Raises:
        OutcomeUnknownError: the connection broke before the answer.
    """
    try:
        with translated():
            try:
                yield
            except asyncpg.PostgresError as fault:
                if _state(fault).startswith(_LOST):
                    raise OutcomeUnknownError(_state(fault)) from None
                raise
    except OutOfReachError as fault:
        if isinstance(fault, ConflictError):
            raise
        raise OutcomeUnknownError(str(fault)) from None


def _of_state(fault: asyncpg.PostgresError) -> Exception:
    state = _state(fault)
    if state.startswith(_DATA):
        return RefusedError(f"SQLSTATE {state}")
    if state.startswith(_CONFLICTS):
        return ConflictError(f"SQLSTATE {state}")
    if state.startswith(_OUT_OF_REACH):
        return OutOfReachError(f"SQLSTATE {state}")
    where = getattr(fault, "constraint_name", None) or getattr(fault, "table_name", None) or "no constraint"
    return UnexpectedRefusalError(f"SQLSTATE {state} ({where})")


def _state(fault: asyncpg.PostgresError) -> str:
    return str(getattr(fault, "sqlstate", None) or "")
