"""Playbook -> Rules: the playbook with everything compiled that a stage looks up per event."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from service.core.categorise import KeywordRules
from service.core.consult import ModelRules, compile_model
from service.core.deliver import ChosenUse, uses_of
from service.core.language import Detect
from service.core.link import LinkRules
from service.core.mapping import CompiledSource, compile_source
from service.core.notify import Timing
from service.core.pipeline.attention import Attention, compile_attention
from service.core.pipeline.dates import Dates, compile_dates
from service.core.pipeline.instruments import NONE, Instruments, detect_of, lexicon_of
from service.core.pipeline.thresholds import VolumeRules, compile_volume
from service.core.playbook.conditions import Condition, ConditionFault, Held, compile_condition
from service.core.playbook.digest import canonical_text, digest
from service.core.playbook.model import Playbook, Process, Route
from service.core.playbook.renames import under_current_ids
from service.core.playbook.taxonomy import renamed
from service.core.records.heard import Classifier
from service.core.records.identities import IdentityRule
from service.core.records.renamed import Renamed
from service.core.records.words import Axis, Severity
from service.core.references import Form, form
from service.core.route import RouteTree, compile_routes
from service.core.router import Router
from service.core.taxonomy import compile_ladder
from service.core.text import fold
from service.core.weigh import WordRules, compile_words


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """One playbook, ready to decide; `digest` is on every decision that it makes.

    `classifier` is the model that the playbook names, and `model` how it is listened to; both or neither.
    """

    playbook: Playbook
    digest: str
    keywords: KeywordRules
    axes: Mapping[Axis, KeywordRules]
    words: WordRules
    detect: Detect | None = field(repr=False, compare=False)
    conditions: Mapping[str, Condition] = field(repr=False)
    sources: Mapping[str, CompiledSource] = field(repr=False)
    topics: Mapping[str, CompiledSource] = field(repr=False)
    aliases: Mapping[str, str]
    process_of: Mapping[str, str]
    owners: Mapping[str, str]
    timings: Mapping[str, Timing]
    attention: Mapping[str, Attention] = field(repr=False)
    floors: Mapping[str, Severity]
    labels: Mapping[str, str]
    renamed: Renamed
    tags: frozenset[str]
    languages: frozenset[str]
    processes: Mapping[str, str]
    slas: Mapping[str, timedelta]
    volume: VolumeRules = field(repr=False)
    routes: RouteTree = field(repr=False)
    router: Router = field(repr=False, compare=False)
    dates: Dates = field(repr=False)
    linking: LinkRules = field(repr=False)
    forms: Sequence[Form] = field(repr=False)
    forms_of: Mapping[str, Sequence[Form]] = field(repr=False)
    identity: IdentityRule | None
    channels: Mapping[str, Sequence[ChosenUse]]
    classifier: Classifier | None = field(default=None, repr=False)
    model: ModelRules | None = None

    def holds(self, route: str, facts: Mapping[str, Any]) -> Held:
        """Judge the `when` of a route."""
        return self.conditions[route].holds(facts)

    def owner(self, process: str) -> str:
        """Return the team of a process; of one that the playbook does not know it is the team of last resort."""
        return self.owners.get(process, str(self.playbook.routes.team))

    def numbers_of(self, process: str) -> Sequence[Form]:
        """Return how the numbers of a process are written."""
        return self.forms_of.get(process, self.forms_of[""])

    def timing(self, route: str) -> Timing:
        """Return how long the notices of a route wait; a route that the playbook no longer has waits the default."""
        return self.timings.get(route, self.timings[""])

    def attention_of(self, team: str) -> Attention:
        """Return how a team is told; one that the playbook no longer has is told without limits."""
        return self.attention.get(team, self.attention[""])

    def floor(self, route: str) -> Severity:
        """Return from which severity on a feedback concerns an alert by a route."""
        return self.floors.get(route, self.playbook.fatigue.floor)


def compile_playbook(
    playbook: Playbook, classifier: Classifier | None = None, *, instruments: Instruments = NONE
) -> Rules:
    """Compile a playbook without faults, with the classifier that it names and the instruments that it may ask for.

    Raises:
        ValueError: a condition or source does not compile; `faults` reports these with their place beforehand. Or the
            classifier is not the one that the playbook names, or an instrument that it asks for was not handed in.
    """
    settings = playbook.classifier
    if (settings and settings.model) != (classifier and classifier.digest):
        raise ValueError("the classifier is not the one that the playbook names")
    sources = {name: _compiled_source(name, playbook) for name in playbook.sources}
    written, playbook = playbook, under_current_ids(playbook)
    conditions, routes = _conditions(playbook.routes), compile_routes(playbook)
    ladder = compile_ladder(playbook)
    fallback = Timing(wait=playbook.fatigue.wait, interval=playbook.fatigue.interval, repeat=playbook.fatigue.repeat)
    return Rules(
        playbook=playbook,
        digest=digest(canonical_text(written)),
        keywords=ladder.issues,
        axes=ladder.others,
        words=compile_words(playbook.severity, lexicon_of(playbook, instruments)),
        detect=detect_of(playbook, instruments),
        conditions=conditions,
        sources=sources,
        topics={
            str(source.topic): sources[name] for name, source in playbook.sources.items() if source.topic is not None
        },
        aliases={
            name.casefold(): process.id
            for process in playbook.processes
            for name in (process.id, process.name, *process.aliases)
        },
        process_of={one.id: one.process for one in playbook.taxonomy if one.process is not None},
        owners={process.id: process.team for process in playbook.processes},
        timings={"": fallback, **_timings(playbook.routes, fallback)},
        attention=compile_attention(playbook),
        floors=_floors(playbook.routes, playbook.fatigue.floor),
        labels={
            name: one.label.get("en") or next(iter(one.label.values()), one.id)
            for one in playbook.taxonomy
            for name in (one.id, *one.replaces)
        },
        renamed=renamed(playbook.taxonomy),
        languages=frozenset(language for one in playbook.taxonomy for language in one.keywords),
        tags=frozenset(map(fold, playbook.taxonomy_review.tags)) if playbook.taxonomy_review else frozenset(),
        processes={process.id: process.name for process in playbook.processes},
        slas={process.id: process.sla for process in playbook.processes if process.sla is not None},
        volume=compile_volume(playbook.volume),
        routes=routes,
        router=Router(
            routes,
            lambda name, facts: conditions[name].holds(facts),
            frozenset().union(*(one.fields for one in conditions.values())),
        ),
        dates=compile_dates(playbook),
        linking=LinkRules(window=playbook.linking.window, touchpoints=_touchpoints(playbook.processes)),
        forms=tuple(form(one.form) for one in playbook.linking.references),
        forms_of=_forms_of(playbook),
        identity=_identity(playbook),
        channels=uses_of(playbook),
        classifier=classifier,
        model=compile_model(settings, classifier.categories, playbook.taxonomy) if settings and classifier else None,
    )


def _touchpoints(processes: Iterable[Process]) -> Mapping[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for process in processes:
        for one in process.touchpoints:
            found[one.casefold()] = found.get(one.casefold(), frozenset()) | {process.id}
    return found


def _forms_of(playbook: Playbook) -> Mapping[str, Sequence[Form]]:
    """Return how the numbers of each process are written; those of a process that is not known under the empty name."""
    references = playbook.linking.references
    return {
        process: tuple(form(one.form) for one in references if one.process in (None, process))
        for process in ("", *(one.id for one in playbook.processes))
    }


def _identity(playbook: Playbook) -> IdentityRule | None:
    asked = playbook.identity
    if asked is None:
        return None
    return IdentityRule(precedence=asked.precedence, shared_above=asked.shared_above)


def _compiled_source(name: str, playbook: Playbook) -> CompiledSource:
    compiled = compile_source(name, playbook.sources[name])
    if isinstance(compiled, CompiledSource):
        return compiled
    message = f"source {name}: {compiled}"
    raise ValueError(message)


def _conditions(node: Route) -> dict[str, Condition]:
    found: dict[str, Condition] = {}
    if node.when is not None:
        compiled = compile_condition(node.when)
        if isinstance(compiled, ConditionFault):
            message = f"route {node.id}: {compiled.message}"
            raise ValueError(message)
        found[node.id] = compiled
    for child in node.routes:
        found |= _conditions(child)
    return found


def _floors(node: Route, inherited: Severity) -> dict[str, Severity]:
    mine = node.floor or inherited
    found = {node.id: mine}
    for child in node.routes:
        found |= _floors(child, mine)
    return found


def _timings(node: Route, inherited: Timing) -> dict[str, Timing]:
    mine = Timing(
        wait=node.wait if node.wait is not None else inherited.wait,
        interval=node.interval if node.interval is not None else inherited.interval,
        repeat=node.repeat if node.repeat is not None else inherited.repeat,
    )
    found = {node.id: mine}
    for child in node.routes:
        found |= _timings(child, mine)
    return found
