"""The values of an outbox row <-> one column: packed and compressed once, which PostgreSQL then does no more.

A row of 500 decisions is half a megabyte of JSON that says much the same in each record, and a thirtieth of it packed.
"""

from collections.abc import Sequence

import asyncpg
import cramjam
import msgspec

_LEVEL = 1
_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(list[bytes])


def pack(values: Sequence[bytes]) -> bytes:
    return bytes(cramjam.zstd.compress(_ENCODER.encode(values), level=_LEVEL))


def unpack(packed: bytes) -> list[bytes]:
    return _DECODER.decode(cramjam.zstd.decompress(packed))


def pairs(row: asyncpg.Record) -> tuple[tuple[bytes, bytes], ...]:
    """Return the keys and values of a row that has `keys`, `packed` and `values`, which an earlier release wrote."""
    values = row["values"] if row["packed"] is None else unpack(row["packed"])
    return tuple(zip(row["keys"], values, strict=True))
