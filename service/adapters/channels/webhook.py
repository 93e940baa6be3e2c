"""A parcel -> a CloudEvent in structured mode, signed by Standard Webhooks."""

from collections.abc import Sequence

from service.adapters.channels.posting import Posting
from service.core.deliver import event_of
from service.core.deliver.webhook import key_of, signed
from service.core.playbook.channels import WebhookChannel
from service.core.records.deliveries import Attempt
from service.core.records.words import Attempted
from service.ports import Parcel

_TYPE = "application/cloudevents+json; charset=UTF-8"


async def send_to_webhook(
    parcel: Parcel, channel: WebhookChannel, post: Posting, secrets: Sequence[str], public_url: str | None
) -> Attempt:
    """Send with the idempotency key as `webhook-id`, the same at each attempt."""
    keys = [key_of(secret) for secret in secrets]
    known = [key for key in keys if key is not None]
    if len(known) != len(keys):
        return Attempt(outcome=Attempted.NOT_SET_UP, detail="a secret is not whsec_ and base64 of 24 to 64 bytes")
    body = event_of(parcel.delivery, public_url)
    headers = {"Content-Type": _TYPE, **signed(body, parcel.delivery.key, parcel.at, known)}
    return (await post(channel.url, body, headers, parcel.at)).attempt
