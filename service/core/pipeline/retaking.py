"""Contributions that are stored -> the same feedback as if it had just come in, to be read by other rules.

Of a text there is what is kept of it, redacted. Where a feedback was linked to an instance, its process is taken as if
it had named it, since the instances are not at hand; earlier states of a subject are gone.
"""

from collections.abc import Iterable

from msgspec.structs import replace

from service.core.pipeline.read import Taken
from service.core.records.decisions import Contribution
from service.core.records.feedback import Message
from service.core.records.words import LinkStatus

_TOPIC = "recorded"


def retake(contributions: Iterable[Contribution]) -> list[Taken]:
    return [_taken(one, place) for place, one in enumerate(contributions)]


def _taken(one: Contribution, place: int) -> Taken:
    said = one.feedback
    if one.link.status is LinkStatus.LINKED:
        said = replace(said, process=one.process)
    message = Message(topic=_TOPIC, partition=0, offset=place, key=None, value=None, received_at=said.received_at)
    return Taken(message=message, item=0, said=said)
