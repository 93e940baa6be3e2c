"""A parcel -> a card for a Teams workflow, or an event for PagerDuty: one POST each."""

from collections.abc import Mapping
from typing import Any

import orjson

from service.adapters.channels.addressed import usable
from service.adapters.channels.posting import Posting
from service.core.deliver import said
from service.core.deliver.msteams import card
from service.core.deliver.pagerduty import event
from service.core.playbook.channels import PagerDutyChannel
from service.core.records.deliveries import Attempt
from service.core.records.words import Attempted
from service.ports import Parcel

_JSON = {"Content-Type": "application/json"}


async def send_to_teams(parcel: Parcel, post: Posting, address: str, public_url: str | None) -> Attempt:
    if not usable(address):
        return Attempt(outcome=Attempted.NOT_SET_UP, detail="the secret is no https address")
    return await _sent(post, address, card(said(parcel.delivery, public_url)), parcel)


async def send_to_pagerduty(
    parcel: Parcel, channel: PagerDutyChannel, post: Posting, routing_key: str, public_url: str | None
) -> Attempt:
    one = said(parcel.delivery, public_url)
    return await _sent(post, channel.url, event(parcel.delivery, one, routing_key), parcel)


async def _sent(post: Posting, url: str, content: Mapping[str, Any], parcel: Parcel) -> Attempt:
    return (await post(url, orjson.dumps(content), _JSON, parcel.at)).attempt
