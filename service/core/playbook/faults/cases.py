"""Cases of the playbook's own test-suite that could never pass: they ask for names that do not exist."""

from collections.abc import Collection, Iterator

from service.core.playbook.faults.fault import Fault, Path, unknown
from service.core.playbook.matching import asks_for_nothing, unmet
from service.core.playbook.model import Playbook
from service.core.playbook.suite import Case, Expected, ExpectedNotice, GivenSilence
from service.core.playbook.taxonomy import issues
from service.core.records.words import AlertKind, AlertState, Level, NoticeReason, Outcome, Severity, Verdict

_VERDICTS = (*Verdict, *(outcome for outcome in Outcome if outcome is not Outcome.ACCEPTED))


def case_faults(playbook: Playbook) -> Iterator[Fault]:
    for at, case in enumerate(playbook.tests):
        yield from _case(("tests", at), case, playbook)


def _case(path: Path, case: Case, playbook: Playbook) -> Iterator[Fault]:
    if case.verdicts is None and case.alerts is None and case.notices is None:
        yield Fault(path=path, message="asks for nothing; give it verdicts, alerts or notices")
    for at, given in enumerate(case.events):
        here = (*path, "events", at)
        if given.source is not None and given.source not in playbook.sources:
            yield unknown((*here, "source"), "source", given.source, playbook.sources)
        if given.at is not None and given.at.utcoffset() is None:
            yield Fault(path=(*here, "at"), message="has no offset; write UTC as 2026-05-04T09:12:31Z")
    for at, silence in enumerate(case.silences):
        yield from _silence((*path, "silences", at), silence, playbook)
    for at, verdict in enumerate(case.verdicts or ()):
        # A rejection may name its reason, as in rejected(bad_json).
        yield from _known((*path, "verdicts", at), "verdict", verdict.partition("(")[0], _VERDICTS)
    for at, alert in enumerate(case.alerts or ()):
        yield from _alert((*path, "alerts", at), alert, playbook)
    for at, notice in enumerate(case.notices or ()):
        yield from _notice((*path, "notices", at), notice, playbook)


def _silence(path: Path, silence: GivenSilence, playbook: Playbook) -> Iterator[Fault]:
    for one in unmet(silence.matchers, playbook):
        meant = f"; did you mean {' or '.join(one.near)}?" if one.near else ""
        if one.at is None:
            yield Fault(
                path=(*path, "matchers", one.field), message=f"is nothing that an alert of this playbook has{meant}"
            )
        else:
            value = silence.matchers[one.field][one.at]
            yield Fault(
                path=(*path, "matchers", one.field),
                message=f"{value!r} is not a known {one.what}{meant}",
                missing=value,
            )
    if asks_for_nothing(silence.matchers, playbook):
        yield Fault(path=(*path, "matchers"), message="every alert matches; ask for less")
    unclear = [name for name, at in (("from", silence.from_), ("until", silence.until)) if at.utcoffset() is None]
    for name in unclear:
        yield Fault(path=(*path, name), message="has no offset; write UTC as 2026-05-04T09:12:31Z")
    if not unclear and silence.until <= silence.from_:
        yield Fault(path=(*path, "until"), message="is not after the beginning; a silence has some time to hold")


def _alert(path: Path, alert: Expected, playbook: Playbook) -> Iterator[Fault]:
    yield from _known((*path, "team"), "team", alert.team, [team.id for team in playbook.teams])
    yield from _known((*path, "kind"), "kind", alert.kind, tuple(AlertKind))
    categories = ("unmapped", "*", *issues(playbook.taxonomy))
    yield from _known((*path, "category"), "category", alert.category, categories)
    yield from _known((*path, "severity"), "severity", alert.severity, tuple(Severity))
    yield from _known((*path, "state"), "state", alert.state, tuple(AlertState))
    yield from _known((*path, "level"), "level", alert.level, tuple(Level))


def _notice(path: Path, notice: ExpectedNotice, playbook: Playbook) -> Iterator[Fault]:
    yield from _known((*path, "team"), "team", notice.team, [team.id for team in playbook.teams])
    yield from _known((*path, "reason"), "reason", notice.reason, tuple(NoticeReason))
    yield from _known((*path, "severity"), "severity", notice.severity, tuple(Severity))
    if notice.at is not None and notice.at.utcoffset() is None:
        yield Fault(path=(*path, "at"), message="has no offset; write UTC as 2026-05-04T09:12:31Z")


def _known(path: Path, what: str, name: str | None, known: Collection[str]) -> Iterator[Fault]:
    names = [str(value) for value in known]
    if name is not None and name not in names:
        yield unknown(path, what, name, names)
