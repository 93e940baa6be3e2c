"""A parcel -> a message in two forms, text and HTML, handed to a mail server by SMTP."""

import asyncio
import socket
import ssl
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP as LINES_OF_SMTP
from email.utils import format_datetime

import aiosmtplib

from service.adapters.channels.reach import ForbiddenError, address_of
from service.core.deliver import said
from service.core.deliver.mail import Mail, mail
from service.core.playbook.channels import EmailChannel
from service.core.records.deliveries import Attempt
from service.core.records.words import Attempted
from service.ports import Parcel

_SECONDS = 30.0
_STEP_SECONDS = 10.0
# From here on an answer of SMTP is final (RFC 5321, 4.2.1).
_FINAL = 500


async def send_mail(
    parcel: Parcel,
    channel: EmailChannel,
    password: str,
    public_url: str | None,
    certificates: ssl.SSLContext,
    *,
    private: bool,
) -> Attempt:
    """Send once. It is accepted if the server takes it for one recipient at least; how many it refused is told."""
    domain = channel.sender.rpartition("@")[2]
    content = mail(parcel.delivery, said(parcel.delivery, public_url), parcel.known, domain)
    message = written(content, channel, parcel.delivery.key, parcel.at)
    try:
        async with asyncio.timeout(_SECONDS):
            refused = await _handed_over(message, channel, password, certificates, private=private)
    except ForbiddenError:
        return Attempt(outcome=Attempted.FORBIDDEN_ADDRESS)
    except aiosmtplib.SMTPAuthenticationError as error:
        # The message is not at fault, so it waits until the password is mended.
        return Attempt(outcome=Attempted.NOT_SET_UP, detail=f"SMTP {error.code}")
    except aiosmtplib.SMTPRecipientsRefused as error:
        codes = [one.code for one in error.recipients]
        return _of_code(min(codes, default=_FINAL))
    except aiosmtplib.SMTPResponseException as error:
        return _of_code(error.code)
    except TimeoutError:
        return Attempt(outcome=Attempted.TIMED_OUT)
    except (OSError, aiosmtplib.SMTPException) as error:
        return Attempt(outcome=Attempted.UNREACHABLE, detail=type(error).__name__)
    return Attempt(outcome=Attempted.ACCEPTED, detail=f"{refused} recipients refused" if refused else None)


def written(content: Mail, channel: EmailChannel, key: str, at: datetime) -> EmailMessage:
    """Write the message; automatic answers are asked not to come."""
    message = EmailMessage(policy=LINES_OF_SMTP)
    message["From"] = channel.sender
    message["To"] = ", ".join(channel.to)
    message["Subject"] = content.subject
    message["Date"] = format_datetime(at)
    message["Message-ID"] = content.message_id
    if content.answers is not None:
        message["In-Reply-To"] = content.answers
        message["References"] = content.answers
    if content.important:
        message["Importance"] = "high"
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    message["X-Feedback-Router-Key"] = key
    message.set_content(content.text)
    message.add_alternative(content.html, subtype="html")
    return message


async def _handed_over(
    message: EmailMessage, channel: EmailChannel, password: str, certificates: ssl.SSLContext, *, private: bool
) -> int:
    """Return how many recipients the server refused."""
    address = await address_of(channel.host, channel.port, private=private)
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    connection = socket.socket(family, socket.SOCK_STREAM)
    connection.setblocking(False)  # noqa: FBT003 - its only argument
    try:
        await asyncio.get_running_loop().sock_connect(connection, (address, channel.port))
    except BaseException:
        connection.close()
        raise
    client = aiosmtplib.SMTP(
        hostname=channel.host,
        sock=connection,
        local_hostname="feedback-router",
        use_tls=channel.security == "tls",
        start_tls=channel.security == "starttls",
        tls_context=None if channel.security == "none" else certificates,
        timeout=_STEP_SECONDS,
    )
    try:
        await client.connect()
        if channel.user is not None:
            await client.login(channel.user, password)
        refused, _ = await client.send_message(message)
        await client.quit()
    finally:
        client.close()
    return len(refused)


def _of_code(code: int) -> Attempt:
    outcome = Attempted.REFUSED if code >= _FINAL else Attempted.FAILED
    return Attempt(outcome=outcome, detail=f"SMTP {code}")
