"""A parcel -> a message of Slack's: posted once, then updated in place, with a reply where somebody has to look up."""

from collections.abc import Mapping
from typing import Any

import orjson
from msgspec.structs import replace

from service.adapters.channels.addressed import usable
from service.adapters.channels.posting import Posting
from service.core.deliver import Said, said
from service.core.deliver.slack import GONE, judged, message, reply
from service.core.playbook.channels import SlackChannel
from service.core.records.deliveries import Attempt
from service.core.records.words import Attempted
from service.ports import Parcel

_JSON = {"Content-Type": "application/json; charset=utf-8"}


async def send_to_slack(
    parcel: Parcel, channel: SlackChannel, post: Posting, secret: str, public_url: str | None
) -> Attempt:
    one = said(parcel.delivery, public_url)
    content = message(one, parcel.delivery.key)
    if channel.channel is None:
        if not usable(secret):
            return Attempt(outcome=Attempted.NOT_SET_UP, detail="the secret is no https address")
        # An incoming webhook takes neither metadata nor a later update, and says `ok` in plain text.
        plain = {name: value for name, value in content.items() if name != "metadata"}
        return (await post(secret, orjson.dumps(plain), _JSON, parcel.at)).attempt
    bot = _Bot(parcel, channel, post, secret)
    handle = None if parcel.known is None else parcel.known.handle
    if handle is not None:
        attempt = await bot.call("chat.update", {**content, **_place(handle)})
        if attempt.outcome is Attempted.ACCEPTED:
            return await _heard(bot, one, handle)
        if attempt.detail not in GONE:
            return attempt
    return await bot.call("chat.postMessage", {**content, "channel": channel.channel})


async def _heard(bot: "_Bot", one: Said, handle: str) -> Attempt:
    """Reply where the update is to be heard; an attempt in vain is made again as a whole, and updates the same."""
    if not one.interrupts:
        return Attempt(outcome=Attempted.ACCEPTED, handle=handle)
    place = _place(handle)
    told = await bot.call("chat.postMessage", {**reply(one), "channel": place["channel"], "thread_ts": place["ts"]})
    return replace(told, handle=handle)


def _place(handle: str) -> dict[str, str]:
    channel, _, ts = handle.partition(":")
    return {"channel": channel, "ts": ts}


class _Bot:
    """Calls methods of Slack's Web API, which answers 200 and says in the body what is wrong."""

    def __init__(self, parcel: Parcel, channel: SlackChannel, post: Posting, token: str) -> None:
        self._parcel = parcel
        self._channel = channel
        self._post = post
        self._headers = {**_JSON, "Authorization": f"Bearer {token}"}

    async def call(self, method: str, content: Mapping[str, Any]) -> Attempt:
        answered = await self._post(
            f"{self._channel.url}/{method}", orjson.dumps(content), self._headers, self._parcel.at
        )
        if answered.attempt.outcome is not Attempted.ACCEPTED:
            return answered.attempt
        body = answered.json()
        outcome, error = judged(body)
        handle = f"{body['channel']}:{body['ts']}" if "ts" in body and "channel" in body else None
        return replace(answered.attempt, outcome=outcome, detail=error, handle=handle)
