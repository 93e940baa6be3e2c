"""What a person asked and what came of it -> the entry of it in the audit."""

from datetime import datetime

from service.core.audit import Action, Entry, ObjectKind, alert_told, named, silence_told, text_told
from service.core.pipeline.act import Asked
from service.core.pipeline.parting import Parting
from service.core.pipeline.refiling import Refiling
from service.core.pipeline.silencing import AskedSilence, Extension, Lifting, Wished
from service.core.records.alerts import Alert
from service.core.records.corrections import Correction
from service.core.records.doer import Doer
from service.core.records.identities import Split
from service.core.records.muting import Silence


def of_alert(asked: Asked, before: Alert | None, after: Alert, now: datetime) -> Entry:
    """Tell of an act; `before` is the alert as it was loaded."""
    said = {} if asked.text is None else {"said": text_told(asked.text)}
    return Entry(
        at=now,
        doer=_doer(asked),
        action=Action(f"alert.{asked.deed.value}"),
        kind=ObjectKind.ALERT,
        object_id=asked.alert_id,
        team=after.team,
        before=None if before is None else alert_told(before),
        after={**alert_told(after), **said},
    )


def of_silence(asked: AskedSilence, before: Silence | None, after: Silence, now: datetime) -> Entry:
    """Tell of a silence that was made, extended or lifted."""
    actions = {Wished: Action.SILENCE_CREATE, Extension: Action.SILENCE_EXTEND, Lifting: Action.SILENCE_LIFT}
    return Entry(
        at=now,
        doer=_doer(asked),
        action=actions[type(asked)],
        kind=ObjectKind.SILENCE,
        object_id=after.silence_id,
        before=None if before is None else silence_told(before),
        after=silence_told(after),
    )


def of_refiling(asked: Refiling, correction: Correction, team: str | None, now: datetime) -> Entry:
    """Tell of a correction that was made or taken back. Its event is named by a hash: its id may be a person's."""
    given = {"category": correction.given.category, "method": correction.given.method.value}
    meant = {"meant": list(correction.meant), "number": correction.number, "reason": text_told(correction.reason)}
    made = asked.meant is not None
    return Entry(
        at=now,
        doer=_doer(asked),
        action=Action.FEEDBACK_REFILE if made else Action.FEEDBACK_UNFILE,
        kind=ObjectKind.FEEDBACK,
        object_id=named(asked.source, asked.event_id),
        team=team,
        before=given if made else meant,
        after=meant if made else given,
    )


def of_parting(asked: Parting, split: Split, now: datetime) -> Entry:
    """Tell of a split or of its end. The references are named by a hash, since an erasure forgets them."""
    said = {"reason": text_told(split.reason)}
    made = asked.reason is not None
    return Entry(
        at=now,
        doer=_doer(asked),
        action=Action.IDENTITY_SPLIT if made else Action.IDENTITY_LIFT,
        kind=ObjectKind.IDENTITY,
        object_id=named(split.ref, split.other),
        before=None if made else said,
        after=said if made else None,
    )


def of_playbook(doer: Doer, before: str | None, digest: str, name: str, now: datetime) -> Entry:
    """Tell of a playbook that was made the active one, in place of another where one was active."""
    return Entry(
        at=now,
        doer=doer,
        action=Action.PLAYBOOK_ACTIVATE,
        kind=ObjectKind.PLAYBOOK,
        object_id=digest,
        before=None if before is None else {"digest": before},
        after={"digest": digest, "name": name},
    )


def of_model(doer: Doer, digest: str, name: str, size: int, now: datetime) -> Entry:
    """Tell of a model that was stored."""
    return Entry(
        at=now,
        doer=doer,
        action=Action.MODEL_STORE,
        kind=ObjectKind.MODEL,
        object_id=digest,
        after={"name": name, "size": size},
    )


def of_requeue(doer: Doer, number: int, topic: str, partition: int, offset: int, now: datetime) -> Entry:
    """Tell of a dead letter that is about to be sent again."""
    return Entry(
        at=now,
        doer=doer,
        action=Action.DEAD_LETTER_REQUEUE,
        kind=ObjectKind.DEAD_LETTER,
        object_id=str(number),
        after={"topic": topic, "partition": partition, "offset": offset},
    )


def _doer(asked: Asked | AskedSilence | Refiling | Parting) -> Doer:
    return asked.doer or Doer(name=asked.by)
