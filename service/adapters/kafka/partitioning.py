"""Keys -> the partitions that Kafka's own clients send them to: murmur2, many at once."""

from collections.abc import Sequence

import numpy as np
from aiokafka.partitioner import murmur2

# Fewer keys are hashed sooner one by one than set up as arrays.
_FEW = 24
_SEED = 0x9747B28C
_MIX = np.uint32(0x5BD1E995)
_POSITIVE = 0x7FFFFFFF


def partitions_of(keys: Sequence[bytes], count: int) -> list[int]:
    """Return for each key its place among `count` partitions."""
    if len(keys) < _FEW:
        return [(murmur2(key) & _POSITIVE) % count for key in keys]
    return [int(place) for place in (_murmur2(keys) & np.uint32(_POSITIVE)) % np.uint32(count)]


def _murmur2(keys: Sequence[bytes]) -> "np.ndarray[tuple[int], np.dtype[np.uint32]]":
    """Hash as org.apache.kafka.common.utils.Utils.murmur2 does, one word of every key at a time."""
    lengths = np.fromiter(map(len, keys), np.uint32, len(keys))
    whole = lengths // 4
    # One word more than the longest key has, so that each has its last bytes, or none, in a word padded with zeros.
    words = int(whole.max()) + 1
    padded = np.frombuffer(b"".join(key.ljust(words * 4, b"\0") for key in keys), "<u4").reshape(len(keys), words)
    hashed = lengths ^ np.uint32(_SEED)
    for number in range(words - 1):
        word = padded[:, number] * _MIX
        word = (word ^ (word >> np.uint32(24))) * _MIX
        hashed = np.where(number < whole, hashed * _MIX ^ word, hashed)
    last = padded[np.arange(len(keys)), whole]
    hashed = np.where(lengths % 4 > 0, (hashed ^ last) * _MIX, hashed)
    hashed = (hashed ^ (hashed >> np.uint32(13))) * _MIX
    found: np.ndarray[tuple[int], np.dtype[np.uint32]] = hashed ^ (hashed >> np.uint32(15))
    return found
