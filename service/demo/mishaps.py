"""Records as planned -> records as networks and tools deliver them: twice, late, or broken, each now and then."""

from json import dumps
from random import Random

from service.demo.envelopes import Json
from service.demo.timeline import HOUR, LAST_SECOND, Timeline

_TWICE, _LATE, _BROKEN = 0.005, 0.003, 0.002
_RETRY_WITHIN = 2 * HOUR
_LATE_FROM, _LATE_TO = 3 * HOUR, 40 * HOUR


class Wire:
    def __init__(self, dice: Random, timeline: Timeline) -> None:
        self._dice = dice
        self._timeline = timeline

    def send(self, second: int, topic: str, key: str | None, value: Json, *, delay: int = 0) -> None:
        """Plan a record for the second at which it happened; a late one is published hours after its own time.

        What is not sent at once comes after a `delay` in seconds.
        """
        second += delay
        drawn = self._dice.random()
        if drawn < _LATE and second < LAST_SECOND - _LATE_TO:
            second += int(_LATE_FROM + self._dice.random() * (_LATE_TO - _LATE_FROM))
        self._timeline.plan(second, topic, key, value)
        if _LATE <= drawn < _LATE + _TWICE:
            self._timeline.plan(second + 5 + int(self._dice.random() * _RETRY_WITHIN), topic, key, value)
        elif _LATE + _TWICE <= drawn < _LATE + _TWICE + _BROKEN:
            self._timeline.plan(second + 1, topic, key, self._broken(value))

    def _broken(self, value: Json) -> bytes:
        text = dumps(value)
        choice = int(self._dice.random() * 8)
        damaged = {**value, "id": f"{value['id']}-x"}
        match choice:
            case 0:
                return text[: len(text) // 2].encode()
            case 1:
                return b"<html><body>502 Bad Gateway</body></html>"
            case 2:
                return f"[{text}]".encode()
            case 3:
                del damaged["id"]
            case 4:
                damaged["type"] = "feedback.survey.answer.v9"
            case 5:
                damaged["time"] = "yesterday"
            case 6:
                damaged["data"] = "see attachment"
            case _:
                return text.replace("data", "d\u00e4ta", 1).encode("latin-1", "replace")
        return dumps(damaged).encode()
