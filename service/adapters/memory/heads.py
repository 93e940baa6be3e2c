"""The rows in memory -> what is in front of queues."""

import heapq
from collections.abc import Mapping, Sequence
from hashlib import sha256

from service.adapters.memory.rows import Rows
from service.core.records.alerts import Alert
from service.core.records.words import AlertState
from service.ports import Head


class MemoryHeads:
    """Implements Heads."""

    _rows: Rows

    async def heads(self, known: Mapping[str, Mapping[str, str]], limit: int) -> Mapping[str, Sequence[Head]]:
        return {team: [_head(one, known[team]) for one in self._first(team, limit)] for team in known}

    def _first(self, team: str, limit: int) -> Sequence[Alert]:
        mine = (one for one in self._rows.alerts.values() if one.team == team and one.state is AlertState.OPEN)
        return heapq.nsmallest(
            limit, mine, key=lambda one: (-one.severity.rank, -one.last_seen.timestamp(), one.alert_id)
        )


def _order(alert: Alert) -> tuple[int, float, str]:
    return (-alert.severity.rank, -alert.last_seen.timestamp(), alert.alert_id)


def _head(alert: Alert, known: Mapping[str, str]) -> Head:
    mark = sha256(repr(alert).encode()).hexdigest()
    return Head(alert_id=alert.alert_id, mark=mark, alert=None if known.get(alert.alert_id) == mark else alert)
