"""Source -> CompiledSource, or every fault in it with its place: paths that do not read, text that is not CEL."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias
from zoneinfo import ZoneInfo

from service.core.mapping.dates import Clockwork
from service.core.mapping.expressions import VARIABLE, fields_read
from service.core.mapping.paths import Name, Path, PathFault, collects, names, parse_path
from service.core.mapping.values import CompiledValue
from service.core.playbook.expressions import Program, compile_expression
from service.core.playbook.fields import Part
from service.core.playbook.origins import ValueSpec, label_text
from service.core.playbook.sources import Source, TimeSpec

Where: TypeAlias = tuple[str | int, ...]

_CONDITIONS = frozenset({"when", "recorded_when", "skip_when"})
_UTC = ZoneInfo("UTC")


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFault:
    """What is wrong with a source, at a place inside it such as `("scores", 0, "value", "path")`."""

    where: Where
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CompiledSource:
    """A source that can map records. Values and programs are known by their place, written `scores[0].value`."""

    name: str
    source: Source
    uri: str
    values: Mapping[str, CompiledValue]
    programs: Mapping[str, Program]
    read: frozenset[str] | None
    looped: frozenset[str] | None
    embedded: tuple[str, ...]
    embedded_path: Path
    items: Path
    ignored: tuple[tuple[str, ...], ...]
    clockwork: Clockwork


def compile_source(name: str, source: Source) -> CompiledSource | tuple[SourceFault, ...]:
    draft = _Draft()
    for where, part in _parts((), source):
        if isinstance(part, ValueSpec):
            draft.values[place(where)] = draft.value(where, part)
        else:
            draft.expression(where, part)
    embedded = draft.names(("embedded",), source.embedded)
    ignored = tuple(draft.names(("ignore", at), text) for at, text in enumerate(source.ignore))
    items = draft.path(("items",), source.items) if source.items else ()
    if source.instance is not None and source.instance.process is None and source.process is None:
        draft.fault(("instance",), "a process instance needs a process: give one here or to the source")
    if source.step is not None and source.step.process is None and source.process is None:
        draft.fault(("step",), "a step belongs to a process: give one here or to the source")
    if draft.faults:
        return tuple(draft.faults)
    return CompiledSource(
        name=name,
        source=source,
        uri=source.source_uri or f"/{name}",
        values=draft.values,
        programs=draft.programs,
        read=fields_read(draft.programs.values()),
        looped=fields_read(program for program in draft.programs.values() if program.loops),
        embedded=embedded,
        embedded_path=tuple(map(Name, embedded)),
        items=items,
        ignored=ignored,
        clockwork=_clockwork(source.time),
    )


def place(where: Where) -> str:
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in where)
    return text.removeprefix(".")


def _clockwork(spec: TimeSpec | None) -> Clockwork:
    if spec is None:
        return Clockwork(chosen=(), default="rfc3339", zone=_UTC, ambiguous_default=False)
    chosen = tuple((place(("time", "formats", at, "when")), dated.format) for at, dated in enumerate(spec.formats))
    return Clockwork(
        chosen=chosen, default=spec.default, zone=ZoneInfo(spec.zone), ambiguous_default=spec.ambiguous_default
    )


def _parts(where: Where, part: Part) -> Iterator[tuple[Where, ValueSpec | str]]:
    """Yield every value and every condition of a part, at its place."""
    for name in type(part).model_fields:
        held = getattr(part, name)
        if isinstance(held, tuple):
            entries: list[tuple[Where, object]] = [((*where, name, at), entry) for at, entry in enumerate(held)]
        elif isinstance(held, Mapping):
            entries = [((*where, name, key), entry) for key, entry in held.items()]
        else:
            entries = [((*where, name), held)]
        for here, entry in entries:
            if isinstance(entry, ValueSpec) or (name in _CONDITIONS and isinstance(entry, str)):
                yield here, entry
            elif isinstance(entry, Part):
                yield from _parts(here, entry)


@dataclass(frozen=True, slots=True)
class _Draft:
    """What has been compiled so far, and what could not be."""

    values: dict[str, CompiledValue] = field(default_factory=dict)
    programs: dict[str, Program] = field(default_factory=dict)
    faults: list[SourceFault] = field(default_factory=list)

    def fault(self, where: Where, message: str) -> None:
        self.faults.append(SourceFault(where=where, message=message))

    def value(self, where: Where, spec: ValueSpec) -> CompiledValue:
        written = [(("path",), spec.path), *((("paths", at), text) for at, text in enumerate(spec.paths))]
        return CompiledValue(
            paths=tuple(self.path((*where, *inner), text) for inner, text in written if text is not None),
            expression=self.expression((*where, "cel"), spec.cel) if spec.cel else None,
            const=spec.const,
            join=tuple(self.value((*where, "join", at), part) for at, part in enumerate(spec.join)),
            separator=spec.separator,
            split=spec.split,
            labels=spec.map,
            missing=frozenset(map(label_text, spec.missing)),
            default=spec.default,
        )

    def expression(self, where: Where, text: str) -> str:
        program = compile_expression(text, variable=VARIABLE)
        if isinstance(program, str):
            self.fault(where, program)
        else:
            self.programs[place(where)] = program
        return place(where)

    def path(self, where: Where, text: str) -> Path:
        path = parse_path(text)
        if isinstance(path, PathFault):
            self.fault(where, f"{path.message}, at character {path.at + 1} of {text!r}")
            return ()
        return path

    def names(self, where: Where, text: str | None) -> tuple[str, ...]:
        if text is None:
            return ()
        path = self.path(where, text)
        plain = names(path)
        if plain is None or collects(path):
            self.fault(where, f"{text!r} must be made of names only")
        return plain or ()
