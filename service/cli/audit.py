"""`audit`: is the chain whole, in the database or in a file that was exported; and the export."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated, NoReturn

import orjson
import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from service.adapters.postgres import PostgresAudit
from service.adapters.postgres.pool import Pool
from service.cli.operations import with_database
from service.cli.serving import USAGE
from service.cli.speech import AT_FAULT, answer, fail, say, talk
from service.core.audit import (
    Anchor,
    AuditFault,
    Fault,
    Head,
    Sealed,
    UnreadableLineError,
    Verification,
    document,
    opening,
    read_opening,
    read_sealed,
)
from service.ports import Chain

audit = typer.Typer(help="Prove that nobody has changed what was done, and export it.", no_args_is_help=True)
_SHOWN_EVERY = 500
_HASH = 64


@audit.command("verify")
def verify_audit(
    file: Annotated[Path | None, typer.Argument(help="An export; the database where none is named.")] = None,
    *,
    known: Annotated[
        list[str] | None, typer.Option(help="SEQ:HASH, a head that was noted before; it must lie on the chain.")
    ] = None,
) -> None:
    """Recompute every hash; exit 1 at the first entry that was changed, moved or taken out, and say which."""
    wanted = dict(map(_known, known or ()))
    if file is None:

        async def run(pool: Pool) -> tuple[Fault | None, int, Head]:
            async with PostgresAudit(pool).chain() as chain:
                return await _verified(chain, wanted)

        _end(*with_database(run))
    if not file.is_file():
        fail(f"{file}: there is no such file.", USAGE)
    _end(*_verified_file(file, wanted))


@audit.command("export")
def export_audit(out: Annotated[Path, typer.Option(help="The file to write, JSON lines.")]) -> None:
    """Write the whole chain into a file that `audit verify FILE` proves without the database."""

    async def run(pool: Pool) -> tuple[Fault | None, int, Head]:
        async with PostgresAudit(pool).chain() as chain:
            with out.open("wb") as lines:
                lines.write(_line(opening(chain.anchor, chain.head)))

                async def written() -> AsyncIterator[Sealed]:
                    async for one in chain.entries:
                        lines.write(_line(document(one)))
                        yield one

                return await _verified(Chain(anchor=chain.anchor, head=chain.head, entries=written()), {}, whole=True)

    fault, entries, head = with_database(run)
    say(f"Wrote {entries} entries to {out}.")
    if fault is not None:
        _end(fault, entries, head)
    answer({"entries": entries, "head": {"seq": head.seq, "hash": head.hash}})


def _line(value: object) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE)


def _known(text: str) -> tuple[int, str]:
    seq, _, digest = text.partition(":")
    if not (seq.isdecimal() and len(digest) == _HASH):
        fail(f"--known {text}: write SEQ:HASH, as `audit verify` prints the head.", USAGE)
    return int(seq), digest


async def _verified(chain: Chain, known: dict[int, str], *, whole: bool = False) -> tuple[Fault | None, int, Head]:
    """Go through a chain up to its first fault, or to its end where all of it is wanted."""
    verification = Verification(chain.anchor, chain.head, known)
    fault, entries = verification.begin(), 0
    with _bar() as bar:
        first = 0 if chain.anchor is None else chain.anchor.seq
        task = bar.add_task("entries", total=chain.head.seq - first)
        async for one in chain.entries:
            fault = fault or verification.take(one)
            if fault is not None and not whole:
                break
            entries += 1
            if entries % _SHOWN_EVERY == 0:
                bar.update(task, completed=entries)
    return fault or verification.end(), entries, chain.head


def _verified_file(path: Path, known: dict[int, str]) -> tuple[Fault | None, int, Head]:
    with path.open("rb") as lines:
        try:
            anchor, head = read_opening(lines.readline())
        except UnreadableLineError as fault:
            fail(f"{path}: {fault}.", USAGE)
        last = 0 if anchor is None else anchor.seq

        async def entries() -> AsyncIterator[Sealed]:
            for line in lines:
                yield read_sealed(line)

        return asyncio.run(_of_lines(Chain(anchor=anchor, head=head, entries=entries()), known, anchor, last))


async def _of_lines(
    chain: Chain, known: dict[int, str], anchor: Anchor | None, last: int
) -> tuple[Fault | None, int, Head]:
    read = 0

    async def counted() -> AsyncIterator[Sealed]:
        nonlocal read
        async for one in chain.entries:
            yield one
            read += 1

    try:
        return await _verified(Chain(anchor=anchor, head=chain.head, entries=counted()), known)
    except UnreadableLineError:
        return Fault(seq=last + read + 1, reason=AuditFault.UNREADABLE), read, chain.head


def _end(fault: Fault | None, entries: int, head: Head) -> NoReturn:
    """Print what was found, and end the command."""
    told = {"seq": head.seq, "hash": head.hash}
    if fault is None:
        say(f"{entries} entries, each as it was written. Note the head somewhere else: {head.seq}:{head.hash}")
        answer({"whole": True, "entries": entries, "head": told})
        raise typer.Exit
    say(f"The chain is broken at entry {fault.seq}: {fault.reason.value}. See deploy/docs/audit.md.")
    answer({"whole": False, "entries": entries, "head": told, "seq": fault.seq, "reason": fault.reason.value})
    raise typer.Exit(AT_FAULT)


def _bar() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=talk, disable=not talk.is_terminal, transient=True)
