"""Parts of a model's file by name <-> one zip with a fixed order, fixed times and a digest of its content.

The digest is the sha256 over each part's name, length and bytes, in the order of the names; it stands in the part
`digest` and is computed again from what was read. It tells an accident or a mix-up, not a forger: who can write the
file can write its digest, so what was activated is compared by digest.
"""

import hashlib
import io
import zipfile
import zlib
from collections.abc import Mapping

from service.ports import ModelFault

# What a model may take, unpacked; one of 150 classes takes about 60 MB.
MOST_BYTES = 400_000_000
_MOST_PARTS = 400
_DIGEST = "digest"
_EPOCH = (1980, 1, 1, 0, 0, 0)
_AGAIN = "Train it again, or copy it again from where it was trained."


def packed(parts: Mapping[str, bytes]) -> tuple[bytes, str]:
    """Return the file and its digest."""
    digest = digest_of(parts)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name, value in (*sorted(parts.items()), (_DIGEST, digest.encode())):
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), value, zipfile.ZIP_DEFLATED)
    return stream.getvalue(), digest


def unpacked(file: bytes) -> tuple[Mapping[str, bytes], str]:
    """Return the parts and the digest of them.

    Raises:
        ModelFault: it is no such file, too large, or not what was written.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(file)) as archive:
            entries = archive.infolist()
            # The sizes that a zip declares are believed only as far as reading stops there.
            if len(entries) > _MOST_PARTS or sum(one.file_size for one in entries) > MOST_BYTES:
                raise ModelFault(
                    f"No model unpacks to more than {MOST_BYTES // 1_000_000} MB, as this one does. {_AGAIN}"
                )
            parts = {one.filename: _read(archive, one) for one in entries}
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError) as error:
        raise ModelFault(f"This is no model, or only a part of one, or a damaged one. {_AGAIN}") from error
    told = parts.pop(_DIGEST, b"").decode("ascii", "replace")
    digest = digest_of(parts)
    if told != digest:
        raise ModelFault(f"The model was altered after it was written: its digest does not fit its content. {_AGAIN}")
    return parts, digest


def digest_of(parts: Mapping[str, bytes]) -> str:
    total = hashlib.sha256()
    for name, value in sorted(parts.items()):
        total.update(f"{len(name)}:{name}:{len(value)}:".encode())
        total.update(value)
    return total.hexdigest()


def _read(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    with archive.open(entry) as stream:
        value = stream.read(entry.file_size + 1)
    if len(value) != entry.file_size:
        raise ModelFault(f"The model holds other sizes than it says. {_AGAIN}")
    return value
