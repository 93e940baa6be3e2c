"""What a person says that a feedback is about -> its contribution filed so, kept as a correction; or why not.

Refused is an event that is not what holds of its subject, a category that the playbook does not have, and taking back
what nobody has said. Saying the same again changes nothing.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum

from msgspec import Struct, field
from msgspec.structs import replace

from service.core.pipeline.assessing import as_told, assessed, process_of, replaced, window
from service.core.pipeline.judge import MOST_UNRESOLVED, Entry, Judged
from service.core.pipeline.outcomes import followed, outcome_reach
from service.core.pipeline.rules import Rules
from service.core.playbook.taxonomy import of_axis
from service.core.records.corrections import Correction
from service.core.records.decisions import Contribution, Moved, PartKey
from service.core.records.doer import Doer
from service.core.records.facts import Facts
from service.core.records.feedback import FeedbackRead, Reading, Recorded
from service.core.records.needs import Needs
from service.core.records.renamed import current
from service.core.records.words import Axis, CategoryMethod, FeedbackKind, LinkStatus, Outcome
from service.core.redact import redact
from service.core.refile import by_ladder, by_person, said_by_person


class RefilingOutcome(StrEnum):
    """What came of it; only `done` changed anything, or found it so."""

    DONE = "done"
    UNKNOWN_CATEGORY = "unknown_category"
    NOT_FEEDBACK = "not_feedback"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"
    NOT_REFILED = "not_refiled"


class Refiling(Struct, frozen=True, kw_only=True):
    """That an event of a subject is about what is `meant`, the primary category first; about none of them where empty.

    With None for `meant` it is taken back what was said of it. `doer` is who asks where that is known for sure.
    """

    source: str
    subject: str
    event_id: str
    by: str
    meant: tuple[str, ...] | None
    reason: str | None = None
    doer: Doer | None = None


class RefiledNow(Struct, frozen=True, kw_only=True):
    """What came of it: the correction that stands, or ended, the contribution as it is now, and all that moved.

    `known` are the categories that it may be of, where another was asked for. `notices` counts what was told of it by
    (team, reason).

    `contribution` is None where the feedback that the correction was of has another text by now, or is withdrawn.
    """

    outcome: RefilingOutcome
    correction: Correction | None = None
    contribution: Contribution | None = None
    judged: Judged | None = None
    known: tuple[str, ...] = ()
    notices: Counter[tuple[str, str]] = field(default_factory=Counter)


def refiling_needs(asked: Refiling, rules: Rules) -> Needs:
    """Name the rows that deciding it takes."""
    return Needs(
        subjects=((asked.source, asked.subject),),
        window=rules.linking.window,
        reach=max(window(rules), outcome_reach(rules)),
        unresolved=MOST_UNRESOLVED if rules.playbook.at_risk is not None else 0,
    )


def refile(asked: Refiling, facts: Facts, now: datetime, rules: Rules) -> RefiledNow:
    """File a feedback as a person says, or by the ladder again; the last correction of each part must be loaded.

    What is linked stays linked; severity, process, owner and the counts follow the category as with any other change.
    """
    facts.rename(rules.renamed)
    asked = _under_current_ids(asked, rules)
    one = _found(asked, facts)
    last = _last(asked, one, facts)
    standing = last if last is not None and last.stands else None
    if asked.meant is None:
        return _taken_back(asked, one, standing, facts, now, rules)
    if one is None:
        return RefiledNow(outcome=_why_not(asked, facts))
    known = _known(one.feedback.kind, rules)
    if not {*asked.meant} <= {*known}:
        return RefiledNow(outcome=RefilingOutcome.UNKNOWN_CATEGORY, known=known)
    if standing is not None and _is_filed(one) and one.categorised.categories == asked.meant:
        return RefiledNow(outcome=RefilingOutcome.DONE, correction=standing, contribution=one)
    if standing is not None:
        _end(standing, asked, facts, now)
    correction = _correction(asked, one, 1 if last is None else last.number + 1, now, rules)
    facts.corrections.put((one.key, correction.number), correction)
    said = said_by_person(asked.meant)
    moved = _moved([by_person(each, said, one.key.part) for each in _filed_alike(one, facts)], facts, rules)
    return _done(correction, one.key, moved, facts, now)


def _under_current_ids(asked: Refiling, rules: Rules) -> Refiling:
    if asked.meant is None or not rules.renamed:
        return asked
    return replace(asked, meant=tuple(dict.fromkeys(current(name, rules.renamed) for name in asked.meant)))


def _known(kind: FeedbackKind, rules: Rules) -> tuple[str, ...]:
    """List what feedback of a kind may be about: the issues of the taxonomy that are for it."""
    issues = of_axis(rules.playbook.taxonomy, Axis.ISSUE)
    return tuple(one.id for one in issues if not one.kinds or kind in one.kinds)


def _found(asked: Refiling, facts: Facts) -> Contribution | None:
    """Return what an event adds at present to its subject; None where nothing."""
    keys = (PartKey(asked.source, asked.subject, part) for part in ("", asked.event_id))
    held = (facts.contributions.get(key) for key in keys)
    return next((one for one in held if one is not None and one.feedback.event_id == asked.event_id), None)


def _last(asked: Refiling, one: Contribution | None, facts: Facts) -> Correction | None:
    """Return the last correction of a contribution; of what has none any more that of its event."""
    known = facts.corrections.values()
    if one is None:
        return next((each for each in known if each.event_id == asked.event_id), None)
    return next((each for each in known if each.key == one.key), None)


def _taken_back(
    asked: Refiling,
    one: Contribution | None,
    standing: Correction | None,
    facts: Facts,
    now: datetime,
    rules: Rules,
) -> RefiledNow:
    if standing is None:
        return RefiledNow(outcome=RefilingOutcome.NOT_REFILED)
    ended = _end(standing, asked, facts, now)
    state = facts.contributions.get(standing.key)
    if state is None or not _is_filed(state):
        return RefiledNow(outcome=RefilingOutcome.DONE, correction=ended, contribution=one)
    moved = _moved([by_ladder(each) for each in _filed_alike(state, facts)], facts, rules)
    return _done(ended, standing.key, moved, facts, now)


def _is_filed(one: Contribution) -> bool:
    """Tell whether a person has said what a contribution is about, and of itself."""
    return one.refiled is not None and one.refiled.part == one.key.part


def _filed_alike(one: Contribution, facts: Facts) -> Iterator[Contribution]:
    """Yield a contribution and, of a state, the remarks that have its category from what a person said of it."""
    yield one
    for key in facts.parts_of(one.key.source, one.key.subject):
        other = facts.contributions[key]
        if key != one.key and other.refiled is not None and other.refiled.part == one.key.part:
            yield other


def _moved(turned: list[Contribution], facts: Facts, rules: Rules) -> tuple[Moved, ...]:
    before = tuple(facts.contributions[one.key] for one in turned)
    moved: list[Moved] = []
    for one in turned:
        said = FeedbackRead(feedback=one.feedback, categorised=one.categorised, signals=one.signals)
        process = one.process if one.link.status is LinkStatus.LINKED else process_of(said, one.link, facts, rules)
        again = assessed(one.key, one.began_at, one.began_as, said, one.link, process, facts, rules)
        again = as_told(again, one)
        mine = Moved(key=one.key, contribution=again, own=False, anew=True)
        moved += [mine, *replaced(facts, one.key, again, rules)]
    changed = (*before, *(facts.contributions[one.key] for one in turned))
    return followed(_latest(moved), changed, facts, rules)


def _latest(moved: list[Moved]) -> tuple[Moved, ...]:
    """Leave of each contribution the last that it became: what is filed first may be assessed again by what follows."""
    found: dict[PartKey, Moved] = {}
    for one in moved:
        found[one.key] = replace(one, anew=one.anew or (one.key in found and found[one.key].anew))
    return tuple(found.values())


def _why_not(asked: Refiling, facts: Facts) -> RefilingOutcome:
    subject = facts.subjects.get((asked.source, asked.subject))
    if subject is None:
        return RefilingOutcome.NOT_FEEDBACK
    return RefilingOutcome.WITHDRAWN if subject.withdrawn else RefilingOutcome.SUPERSEDED


def _correction(asked: Refiling, one: Contribution, number: int, now: datetime, rules: Rules) -> Correction:
    feedback, ladder = one.feedback, by_ladder(one).categorised
    by_model = ladder.method is CategoryMethod.MODEL
    # What a person writes may name a customer.
    reason = None if asked.reason is None else redact(asked.reason, rules.playbook.privacy.phone_region).text
    return Correction(
        key=one.key,
        number=number,
        event_id=feedback.event_id,
        customer=feedback.customer,
        kind=feedback.kind,
        language=feedback.language,
        question=feedback.question,
        text=feedback.text,
        # What a model goes by are words of the customer's own.
        given=replace(ladder, model=None, matched=() if by_model else ladder.matched),
        model=ladder.model.model if by_model and ladder.model is not None else None,
        meant=asked.meant or (),
        author=asked.by,
        reason=reason,
        at=now,
    )


def _end(standing: Correction, asked: Refiling, facts: Facts, now: datetime) -> Correction:
    ended = replace(standing, ended_by=asked.by, ended_at=now)
    facts.corrections.put((standing.key, standing.number), ended)
    return ended


def _done(correction: Correction, key: PartKey, moved: tuple[Moved, ...], facts: Facts, now: datetime) -> RefiledNow:
    """Let what is moved be settled as if a record that is no feedback had done it."""
    said = Recorded(event_id="", source="", event_type="", occurred_at=now)
    read = Reading(event_id="", source="", occurred_at=now, said=said)
    judged = Judged(entry=Entry(position=0, read=read, now=now), outcome=Outcome.ACCEPTED, moved=moved)
    return RefiledNow(
        outcome=RefilingOutcome.DONE, correction=correction, contribution=facts.contributions[key], judged=judged
    )
