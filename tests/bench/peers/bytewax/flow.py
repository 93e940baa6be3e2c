"""Nothing -> `flow`, the dataflow that `bytewax.run` looks for here."""

from collections.abc import Sequence

import bytewax.operators as op
from bytewax.connectors.kafka import operators as kop
from bytewax.dataflow import Dataflow
from bytewax.outputs import DynamicSink, StatelessSinkPartition

from tests.bench.peers.job.asked import Asked
from tests.bench.peers.job.judge import Judged, Refused, judge
from tests.bench.peers.job.writing import WriteOne, one_by_one


class Worker(StatelessSinkPartition[Judged | Refused]):  # type: ignore[misc] # As the next.
    def __init__(self, write: WriteOne) -> None:
        self._write = write

    def write_batch(self, items: Sequence[Judged | Refused]) -> None:
        for item in items:
            self._write(item)


class Rows(DynamicSink[Judged | Refused]):  # type: ignore[misc] # Its package is in the peer's environment alone.
    def build(self, _step: str, _worker_index: int, _worker_count: int) -> Worker:
        worker = Worker(one_by_one(asked))
        print("ready\n", end="", flush=True)  # noqa: T201 - the race waits for this line, in one piece
        return worker


asked = Asked.read()
flow = Dataflow("race")
records = kop.input("records", flow, brokers=[asked.brokers], topics=[asked.topic])
op.raises("errors", records.errs)
judged = op.map("judge", records.oks, lambda record: judge(record.value, asked.rules))
op.output("rows", judged, Rows())
