"""A team's queue for programs, over HTTP or Kafka: what is news is given once, and what is done is done once.

    async with HttpQueue("http://127.0.0.1:8080", "payments", token=token) as queue:
        async for alert in queue.news():
            await queue.ack(alert)

What was given counts as handled when the next is asked for; a program that breaks off before gets it again.
`SeenInFile` remembers what was handled over a restart.
"""

from service.client.answers import Alert, ClientError, OutOfDateError, OutOfReachError, RefusedError, Told
from service.client.http import HttpQueue
from service.client.seen import Seen, SeenHere, SeenInFile
from service.client.topic import KafkaQueue

__all__ = [
    "Alert",
    "ClientError",
    "HttpQueue",
    "KafkaQueue",
    "OutOfDateError",
    "OutOfReachError",
    "RefusedError",
    "Seen",
    "SeenHere",
    "SeenInFile",
    "Told",
]
