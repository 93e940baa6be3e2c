"""A parcel -> the adapter of its kind of channel."""

import ssl
from collections.abc import Callable
from typing import assert_never

from service.adapters.channels.email import send_mail
from service.adapters.channels.others import send_by_apprise
from service.adapters.channels.posting import Posting
from service.adapters.channels.slack import send_to_slack
from service.adapters.channels.webhook import send_to_webhook
from service.adapters.channels.workplaces import send_to_pagerduty, send_to_teams
from service.core.playbook.channels import (
    AppriseChannel,
    EmailChannel,
    PagerDutyChannel,
    SlackChannel,
    TeamsChannel,
    WebhookChannel,
)
from service.core.records.deliveries import Attempt
from service.core.records.words import Attempted
from service.ports import Parcel


class Couriers:
    """Implements Courier. `secret_of` looks a secret up by its name; `public_url` is where people find the service."""

    def __init__(
        self,
        posting: Posting,
        secret_of: Callable[[str], str | None],
        certificates: ssl.SSLContext,
        *,
        public_url: str | None,
        private: bool,
    ) -> None:
        self._posting = posting
        self._secret_of = secret_of
        self._certificates = certificates
        self._public_url = public_url
        self._private = private

    async def send(self, parcel: Parcel) -> Attempt:
        channel = parcel.channel
        secrets = self._secrets(channel.secret, channel.next_secret if isinstance(channel, WebhookChannel) else None)
        if secrets is None:
            return Attempt(outcome=Attempted.NOT_SET_UP, detail="a secret is not set")
        secret, url = secrets[0] if secrets else "", self._public_url
        match channel:
            case WebhookChannel():
                return await send_to_webhook(parcel, channel, self._posting, secrets, url)
            case SlackChannel():
                return await send_to_slack(parcel, channel, self._posting, secret, url)
            case TeamsChannel():
                return await send_to_teams(parcel, self._posting, secret, url)
            case PagerDutyChannel():
                return await send_to_pagerduty(parcel, channel, self._posting, secret, url)
            case EmailChannel():
                return await send_mail(parcel, channel, secret, url, self._certificates, private=self._private)
            case AppriseChannel():
                return await send_by_apprise(parcel, secret, url)
            case never:
                assert_never(never)

    def _secrets(self, *names: str | None) -> tuple[str, ...] | None:
        """Return the values of the names that are given; None where one has none."""
        found = [self._secret_of(name) for name in names if name is not None]
        return None if not all(found) else tuple(str(one) for one in found)
