"""Playbook -> its rules by axis; and a feedback's stage and outcome beside its category.

Each axis is looked for by itself, in the same labels and text; what nothing names is None.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from msgspec.structs import replace

from service.core.categorise import CategoryRules, KeywordRules, categorise, compile_rules
from service.core.playbook.model import Playbook
from service.core.playbook.taxonomy import of_axis
from service.core.records.feedback import Categorised
from service.core.records.words import Axis, CategoryMethod, FeedbackKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Ladder:
    """The rules of the issues, and those of each other axis that has categories."""

    issues: KeywordRules
    others: Mapping[Axis, KeywordRules]


def compile_ladder(playbook: Playbook) -> Ladder:
    uris = {name: source.source_uri or f"/{name}" for name, source in playbook.sources.items()}
    crosswalk = {uris.get(name, name): meant for name, meant in playbook.crosswalk.items()}
    rules = {
        axis: compile_rules(
            [
                CategoryRules(
                    category=one.id, labels=one.labels, keywords=one.keywords, exclude=one.exclude, kinds=one.kinds
                )
                for one in of_axis(playbook.taxonomy, axis)
            ],
            crosswalk,
        )
        for axis in Axis
    }
    return Ladder(
        issues=rules.pop(Axis.ISSUE),
        others={axis: compiled for axis, compiled in rules.items() if compiled.categories},
    )


def on_all_axes(
    categorised: Categorised,
    others: Mapping[Axis, KeywordRules],
    labels: Collection[str],
    text: str,
    language: str | None,
    source: str = "",
    kind: FeedbackKind | None = None,
    folded: str | None = None,
) -> Categorised:
    """Add the stage and the outcome to what was found of the issue."""
    if not others:
        return categorised
    found = {axis: categorise(rules, labels, text, language, source, kind, folded) for axis, rules in others.items()}
    named = {axis: one.category for axis, one in found.items() if one.method is not CategoryMethod.NONE}
    return replace(categorised, stage=named.get(Axis.STAGE), outcome=named.get(Axis.OUTCOME))
