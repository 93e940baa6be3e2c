"""An alert about single feedbacks, and the open reviews -> the review that holds it back, if one does."""

from collections.abc import Iterable, Mapping, Sequence

from service.core.playbook.attention import Inhibition
from service.core.records.alerts import Alert
from service.core.records.muting import Source

# A regional review says nothing of what is not gathered by region.
_EVERYWHERE = ("", None)


def inhibitor(traits: Mapping[str, str], sources: Iterable[Source], rules: Sequence[Inhibition]) -> Source | None:
    """Return the first open review, by id, under which an alert of these traits is inhibited."""
    found = (
        source
        for rule in rules
        if _matches(rule.target, traits)
        for source in sources
        if _matches(rule.source, _traits(source)) and _agree(rule.equal, traits, source)
    )
    return min(found, key=lambda source: source.alert_id, default=None)


def source_of(review: Alert) -> Source:
    """What a review says of itself, where it is open and its team was told."""
    return Source(
        alert_id=review.alert_id,
        kind=review.kind,
        level=review.level,
        team=review.team,
        process=review.process,
        category=review.category,
        region=review.region,
        severity=review.severity,
    )


def _matches(matcher: Mapping[str, tuple[str, ...]], traits: Mapping[str, str]) -> bool:
    return all(traits.get(name, "") in wanted for name, wanted in matcher.items())


def _agree(names: Sequence[str], traits: Mapping[str, str], source: Source) -> bool:
    """Tell whether both name the same; what one of them does not name agrees with nothing."""
    theirs = _traits(source)
    if source.region not in _EVERYWHERE and traits.get("region") != source.region:
        return False
    return all(traits.get(name) and traits[name] == theirs.get(name) for name in names)


def _traits(source: Source) -> Mapping[str, str]:
    return {
        "kind": source.kind.value,
        "level": source.level.value if source.level is not None else "",
        "team": source.team,
        "process": source.process,
        "category": source.category,
        "region": source.region or "",
        "severity": source.severity.value,
    }
