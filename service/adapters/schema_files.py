"""The contracts -> the files under `schemas/`: one JSON Schema per type, and `asyncapi.yaml`.

`python -m service.adapters.schema_files [--check] [FOLDER]` writes what differs and takes away schemas of types that
are gone; with `--check` it writes nothing, names what differs, and ends with 1 if anything does.
"""

import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from io import StringIO
from pathlib import Path

import orjson
from pydantic import JsonValue
from ruamel.yaml import YAML

from service import __version__
from service.core.contracts.schema import asyncapi, schemas

_FOLDER = Path("schemas")


def files() -> dict[str, bytes]:
    """Return every generated file's content by its name; `examples/` is written by hand and not among them."""
    written = {
        f"{kind}.json": orjson.dumps(schema, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
        for kind, schema in schemas().items()
    }
    return written | {"asyncapi.yaml": _yaml(asyncapi(__version__))}


def drift(folder: Path) -> tuple[str, ...]:
    """Name the files that are missing, differ, or belong to no type, in order."""
    expected = files()
    found = {path.name: path.read_bytes() for path in (*folder.glob("*.json"), *folder.glob("*.yaml"))}
    return tuple(sorted(name for name in expected.keys() | found if expected.get(name) != found.get(name)))


def write(folder: Path) -> tuple[str, ...]:
    """Bring the folder up to date and name what was changed."""
    changed, expected = drift(folder), files()
    folder.mkdir(parents=True, exist_ok=True)
    for name in changed:
        if name in expected:
            (folder / name).write_bytes(expected[name])
        else:
            (folder / name).unlink()
    return changed


def main(arguments: Sequence[str] | None = None) -> int:
    parser = ArgumentParser(
        prog="python -m service.adapters.schema_files", description="Write schemas/ from the models."
    )
    parser.add_argument("folder", nargs="?", type=Path, default=_FOLDER)
    parser.add_argument("--check", action="store_true", help="write nothing; end with 1 if a file is out of date")
    chosen = parser.parse_args(arguments)
    names = drift(chosen.folder) if chosen.check else write(chosen.folder)
    verb = "out of date" if chosen.check else "written"
    sys.stderr.writelines(f"{verb}: {chosen.folder / name}\n" for name in names)
    return int(chosen.check and bool(names))


def _yaml(document: dict[str, JsonValue]) -> bytes:
    writer = YAML()
    writer.default_flow_style = False
    writer.width = 120
    writer.indent(mapping=2, sequence=4, offset=2)
    stream = StringIO()
    stream.write("# Written by `make schemas` from the models; a change by hand does not last.\n")
    writer.dump(document, stream)
    return stream.getvalue().encode()


if __name__ == "__main__":
    sys.exit(main())
