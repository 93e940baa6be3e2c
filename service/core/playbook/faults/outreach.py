"""Topics of outcomes that the service reads itself, or writes something else to."""

from collections.abc import Iterator

from service.core.contracts.catalogue import INCOMING, OUTGOING
from service.core.playbook.faults.fault import Fault
from service.core.playbook.model import Playbook

_OWN = "feedback.outcomes"
_QUEUES = "queue."


def outreach_faults(playbook: Playbook) -> Iterator[Fault]:
    taken = {channel.topic for channel in (*INCOMING, *OUTGOING)} - {_OWN}
    taken |= {source.topic for source in playbook.sources.values() if source.topic is not None}
    for prefix, topic in playbook.outreach.topics.items():
        if topic in taken or topic.startswith(_QUEUES):
            message = f"{topic} is read, or carries something else; outcomes need a topic of their own"
            yield Fault(path=("outreach", "topics", prefix), message=message)
