"""Channels: where teams hear of their alerts outside of their queues, and what of it each channel is told.

A secret is never here: its name is, and begins with FEEDBACK_ROUTER_SECRET_, so that no other variable of the
environment can be sent anywhere. An address is https, or http where it stays on the machine.
"""

from collections.abc import Mapping
from datetime import timedelta
from ipaddress import ip_address
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, model_validator

from service.core.playbook.fields import Duration, Part, Slug
from service.core.records.words import NoticeReason, Severity

_LOOPBACK_NAME = "localhost"


def is_loopback(host: str) -> bool:
    """Tell whether a name or address can only be of the machine itself."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == _LOOPBACK_NAME


def sound_url(value: str) -> str:
    """Return an address that may be sent to.

    Raises:
        ValueError: it is no absolute https address, bears a name and password, or is http beyond the machine.
    """
    if any(letter.isspace() or not letter.isprintable() for letter in value):
        message = "an address has no blanks and no control characters"
        raise ValueError(message)
    try:
        parts = urlsplit(value)
        host, _ = parts.hostname, parts.port
    except ValueError:
        message = "is no address; write one such as https://example.com/hook"
        raise ValueError(message) from None
    if not host or parts.scheme not in ("https", "http"):
        message = "is no address; write one such as https://example.com/hook"
        raise ValueError(message)
    if parts.username is not None or parts.password is not None:
        message = "a name or password has no place in an address; name a secret"
        raise ValueError(message)
    if parts.scheme == "http" and not is_loopback(host):
        message = "http would be read on the way; write https"
        raise ValueError(message)
    return value


Url = Annotated[str, StringConstraints(min_length=1, max_length=2_000), AfterValidator(sound_url)]
SecretName = Annotated[str, Field(pattern=r"^FEEDBACK_ROUTER_SECRET_[A-Z0-9_]{1,80}$")]
_Mailbox = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,255}$")]
_Host = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9.:-]{1,255}$")]


class _Way(Part):
    """What every channel has: at most `per_minute` messages, and how long one is tried before it is dead."""

    id: Slug
    per_minute: Annotated[int, Field(ge=1, le=6_000)] = 60
    give_up_after: Annotated[Duration, Field(ge=timedelta(minutes=1), le=timedelta(days=14))] = timedelta(hours=24)
    excerpts: bool = True


class WebhookChannel(_Way):
    """Signed by Standard Webhooks; while keys are changed, by `next_secret` as well."""

    kind: Literal["webhook"]
    url: Url
    secret: SecretName
    next_secret: SecretName | None = None
    per_minute: Annotated[int, Field(ge=1, le=6_000)] = 600


class SlackChannel(_Way):
    """With a `channel` the secret is a bot's token, and messages are updated; else an incoming webhook's address."""

    kind: Literal["slack"]
    channel: Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{3,30}$")] | None = None
    secret: SecretName
    url: Url = "https://slack.com/api"


class TeamsChannel(_Way):
    """The secret is the address of a workflow that posts cards."""

    kind: Literal["msteams"]
    secret: SecretName


class EmailChannel(_Way):
    """By SMTP; without `user` nobody signs in. Only a server of the machine itself may be spoken to in clear."""

    kind: Literal["email"]
    host: _Host
    port: Annotated[int, Field(ge=1, le=65_535)] = 587
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: Annotated[str, StringConstraints(min_length=1, max_length=200)] | None = None
    secret: SecretName | None = None
    sender: _Mailbox
    to: Annotated[tuple[_Mailbox, ...], Field(min_length=1, max_length=50)]

    @model_validator(mode="after")
    def _is_guarded(self) -> "EmailChannel":
        if self.security == "none" and not is_loopback(self.host):
            message = "security: without TLS anybody on the way reads the mail; use starttls or tls"
            raise ValueError(message)
        if (self.user is None) != (self.secret is None):
            message = "user and secret go together; give both or neither"
            raise ValueError(message)
        return self


class PagerDutyChannel(_Way):
    """The secret is the integration's routing key."""

    kind: Literal["pagerduty"]
    secret: SecretName
    url: Url = "https://events.pagerduty.com/v2/enqueue"


class AppriseChannel(_Way):
    """Anything that apprise speaks to; the secret is its address."""

    kind: Literal["apprise"]
    secret: SecretName


Channel = Annotated[
    WebhookChannel | SlackChannel | TeamsChannel | EmailChannel | PagerDutyChannel | AppriseChannel,
    Field(discriminator="kind"),
]


class ChannelUse(Part):
    """What of a team's news a channel is told: for these reasons (none for all), from this severity on.

    An end is told whatever the reasons and the severity are, where the channel was told of the alert before.
    """

    channel: Slug
    reasons: Annotated[tuple[NoticeReason, ...], Field(max_length=20)] = ()
    min_severity: Severity = Severity.INFO
    digests: bool = True


def _written_short(value: Any) -> Any:  # noqa: ANN401 - a validator receives whatever YAML held
    return value if isinstance(value, Mapping | ChannelUse) else {"channel": value}


Use = Annotated[ChannelUse, BeforeValidator(_written_short)]
