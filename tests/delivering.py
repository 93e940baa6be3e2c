"""Channels, deliveries and what becomes of them, for tests: full defaults, overridden by name."""

from datetime import datetime, timedelta
from typing import Any

from pydantic import TypeAdapter

from service.core.deliver import ChosenUse
from service.core.playbook.channels import Channel, ChannelUse
from service.core.playbook.model import Playbook
from service.core.records.deliveries import Delivery, Tries, Waiting
from service.core.records.words import ChannelKind, Tiding
from tests.builders import START, Timeline, make_playbook, survey

SECRET = "FEEDBACK_ROUTER_SECRET_HOOK"
HOOK = {"id": "hook", "kind": "webhook", "url": "https://example.com/hook", "secret": SECRET}
SLACK = {"id": "slack", "kind": "slack", "channel": "C0123", "secret": SECRET}
TEAMS = {"id": "teams", "kind": "msteams", "secret": SECRET}
MAIL = {
    "id": "mail",
    "kind": "email",
    "host": "mail.example.com",
    "sender": "alerts@example.com",
    "to": ["a@b.example"],
}
PAGER = {"id": "pager", "kind": "pagerduty", "secret": SECRET}
OTHER = {"id": "other", "kind": "apprise", "secret": SECRET}
ALL = (HOOK, SLACK, TEAMS, MAIL, PAGER, OTHER)

_CHANNELS = TypeAdapter[Channel](Channel)


def make_channel(given: dict[str, Any], **changes: Any) -> Channel:  # noqa: ANN401 - any field of a channel
    return _CHANNELS.validate_python(given | changes)


def make_use(given: dict[str, Any] = HOOK, *, excerpts: bool = True, **changes: Any) -> ChosenUse:  # noqa: ANN401 - any field of a use
    use = ChannelUse.model_validate({"channel": given["id"]} | changes)
    return ChosenUse(use=use, kind=ChannelKind(given["kind"]), excerpts=excerpts)


def told_by(*channels: dict[str, Any], **uses: list[Any]) -> Playbook:
    """The small shop, whose drivers hear by these channels; `uses` says how of teams, by their names."""
    document = make_playbook().model_dump(by_alias=True)
    used = {"drivers": [one["id"] for one in channels]} | uses
    teams = [{**team, "channels": used.get(team["id"], [])} for team in document["teams"]]
    return make_playbook(channels=list(channels), teams=teams)


def make_delivery(revision: int = 1, **changes: Any) -> Delivery:  # noqa: ANN401 - any field of Delivery
    given: dict[str, Any] = {
        "delivery_id": f"alert-1:{revision}:hook",
        "key": f"alert-1:{revision}",
        "channel": "hook",
        "team": "drivers",
        "tiding": Tiding.NOTICE,
        "thread": "alert-1",
        "revision": revision,
        "payload": "{}",
        "not_before": START,
    }
    return Delivery(**(given | changes))


def make_waiting(place: int = 1, *, tries: Tries | None = None, **changes: Any) -> Waiting:  # noqa: ANN401 - any field of Delivery
    return Waiting(place=place, delivery=make_delivery(**({"revision": place} | changes)), tries=tries or Tries())


def story(playbook: Playbook, *, until: timedelta = timedelta(minutes=2)) -> Timeline:
    """Two customers whose parcels are late, and the drivers hear of it."""
    timeline = Timeline(playbook)
    timeline.push(timedelta(), survey("r1", 0, "late", customer="anna"), survey("r2", 1, "so late", customer="ben"))
    timeline.wait(until)
    return timeline


def deliveries_of(timeline: Timeline) -> list[Delivery]:
    return [one.delivery for one in timeline.store.rows.mailroom.deliveries.values()]


def at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)
