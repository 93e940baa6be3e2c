"""Channels that nobody uses, and uses of channels that there are not."""

from collections.abc import Iterator
from ipaddress import ip_address
from urllib.parse import urlsplit

from service.core.playbook.channels import Channel, EmailChannel, SlackChannel, WebhookChannel
from service.core.playbook.faults.fault import Fault, unknown
from service.core.playbook.model import Playbook


def channel_faults(playbook: Playbook) -> Iterator[Fault]:
    seen: set[str] = set()
    for at, one in enumerate(playbook.channels):
        if one.id in seen:
            message = f"{one.id!r} is in channels already; give each its own id"
            yield Fault(path=("channels", at, "id"), message=message)
        seen.add(one.id)
        yield from _address_faults(at, one)
    yield from _use_faults(playbook, seen)


def _address_faults(at: int, one: Channel) -> Iterator[Fault]:
    match one:
        case SlackChannel() if one.channel is None and "url" in one.model_fields_set:
            message = "only a bot, which names its channel, has an address; an incoming webhook's is the secret"
            yield Fault(path=("channels", at, "url"), message=message)
        case EmailChannel() if _leads_nowhere(one.host):
            yield Fault(path=("channels", at, "host"), message=f"{one.host} is the address of no mail server")
        case WebhookChannel() if _leads_nowhere(urlsplit(one.url).hostname or ""):
            yield Fault(path=("channels", at, "url"), message="no other machine's service is at that address")
        case _:
            pass


def _use_faults(playbook: Playbook, known: set[str]) -> Iterator[Fault]:
    used = set[str]()
    for at, team in enumerate(playbook.teams):
        mine = set[str]()
        for place, use in enumerate(team.channels):
            path = ("teams", at, "channels", place)
            if use.channel not in known:
                yield unknown(path, "channel", use.channel, known)
            if use.channel in mine:
                yield Fault(path=path, message=f"{use.channel} is named twice here; say all of it in one place")
            mine.add(use.channel)
        used |= mine
    for at, one in enumerate(playbook.channels):
        if one.id not in used:
            message = "no team is told by this channel; name it in a team's channels, or take it out"
            yield Fault(path=("channels", at, "id"), message=message)


def _leads_nowhere(host: str) -> bool:
    """Tell whether a literal address is one at which clouds tell machines their secrets, or no single machine's."""
    try:
        address = ip_address(host)
    except ValueError:
        return False
    nowhere = address.is_link_local or address.is_multicast or address.is_unspecified or address.is_reserved
    return nowhere and not address.is_loopback
