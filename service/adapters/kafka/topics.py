"""Topics that are needed -> topics that are there, or an error that names the missing ones."""

from collections.abc import Iterable
from dataclasses import dataclass

from aiokafka.admin import NewTopic
from aiokafka.errors import TopicAlreadyExistsError, for_code

from service.adapters.kafka.connection import Connection, admin, reaching


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Topic:
    """A topic with its fewest partitions; a compacted one keeps the last value of each key for ever."""

    name: str
    partitions: int = 1
    compacted: bool = False


class TopicsMissingError(Exception):
    """Topics are not there as needed and were not made; the message names each with its reason."""


async def ensure_topics(
    connection: Connection, topics: Iterable[Topic], *, replication_factor: int, create: bool
) -> tuple[str, ...]:
    """Make the topics that are missing, if `create` allows it; return the names of those made.

    `replication_factor` -1 is the broker's own default. A topic that is there is never changed.

    Raises:
        TopicsMissingError: some are missing, or have too few partitions.
        OutOfReachError: no broker answers.
    """
    wanted = sorted(set(topics))
    with reaching("topics"):
        async with admin(connection) as client:
            there = {one["topic"]: len(one["partitions"]) for one in await client.describe_topics()}
            missing = [topic for topic in wanted if topic.name not in there]
            faults = [
                f"{topic.name} (has {there[topic.name]} partitions, needs {topic.partitions})"
                for topic in wanted
                if topic.compacted and there.get(topic.name, topic.partitions) < topic.partitions
            ]
            if missing and create:
                answer = await client.create_topics([_new(topic, replication_factor) for topic in missing])
                refused = {name: for_code(code) for name, code, *_ in answer.topic_errors if code}
                faults += [
                    f"{name} ({kind.__name__})"
                    for name, kind in refused.items()
                    if not issubclass(kind, TopicAlreadyExistsError)
                ]
            elif missing:
                faults += [f"{topic.name} (not there)" for topic in missing]
    if faults:
        raise TopicsMissingError(f"topics are missing: {', '.join(faults)}")
    return tuple(topic.name for topic in missing)


def _new(topic: Topic, replication_factor: int) -> NewTopic:
    settings = {"cleanup.policy": "compact"} if topic.compacted else {}
    # aiokafka takes -1 for a factor only beside replica assignments, of which there are none.
    assignments: dict[int, list[int]] | None = {} if replication_factor == -1 else None
    return NewTopic(topic.name, topic.partitions, replication_factor, assignments, settings)
