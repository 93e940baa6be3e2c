"""E-mail against a real SMTP server: plain on loopback, by STARTTLS, with a password, refused for now and for good."""

from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.smtp import AuthResult
from msgspec.structs import replace

from service.core.records.deliveries import Attempt, Known
from service.core.records.words import Attempted
from tests.adapters.channels.serving import Mailed, certificate, mailing, send
from tests.delivering import HOOK, MAIL, SECRET, deliveries_of, story, told_by

NOTICE = deliveries_of(story(told_by(HOOK)))[0]
TO = ["ana@example.com", "ben@example.com"]


def here(mailed: Mailed, **changes: Any) -> dict[str, Any]:  # noqa: ANN401 - fields of a channel
    return MAIL | {"host": "127.0.0.1", "port": mailed.port, "security": "none", "to": TO} | changes


def read(message: bytes) -> EmailMessage:
    found = message_from_bytes(message, policy=policy.default)
    assert isinstance(found, EmailMessage)
    return found


async def test_a_message_has_a_text_an_html_part_and_the_id_of_its_thread() -> None:
    async with mailing() as mailed:
        attempt = await send(NOTICE, here(mailed), {})
    assert attempt == Attempt(outcome=Attempted.ACCEPTED)
    one = read(mailed.messages[0])
    assert (one["From"], one["To"], one["Message-ID"], one["In-Reply-To"]) == (
        "alerts@example.com",
        ", ".join(TO),
        f"<{NOTICE.thread}.hook@example.com>",
        None,
    )
    assert (one["Auto-Submitted"], one["X-Feedback-Router-Key"], one.get_content_type()) == (
        "auto-generated",
        NOTICE.key,
        "multipart/alternative",
    )
    plain, html = one.get_body(("plain",)), one.get_body(("html",))
    assert plain is not None
    assert html is not None
    assert "> so late" in plain.get_content()
    assert "<blockquote>so late</blockquote>" in html.get_content()


async def test_a_later_message_answers_the_first() -> None:
    async with mailing() as mailed:
        await send(replace(NOTICE, revision=2), here(mailed), {}, known=Known(revision=1))
    one = read(mailed.messages[0])
    assert (one["In-Reply-To"], one["References"]) == (f"<{NOTICE.thread}.hook@example.com>",) * 2


async def test_a_recipient_that_is_refused_keeps_the_message_from_no_other() -> None:
    async with mailing() as mailed:
        mailed.refusals[TO[0]] = "550 no such user"
        attempt = await send(NOTICE, here(mailed), {})
    assert (attempt, len(mailed.messages)) == (
        Attempt(outcome=Attempted.ACCEPTED, detail="1 recipients refused"),
        1,
    )


@pytest.mark.parametrize(
    ("answers", "attempt"),
    [
        (("550 no", "550 no"), Attempt(outcome=Attempted.REFUSED, detail="SMTP 550")),
        (("550 no", "450 later"), Attempt(outcome=Attempted.FAILED, detail="SMTP 450")),
    ],
)
async def test_where_all_recipients_are_refused_one_that_may_be_taken_later_decides(
    answers: tuple[str, str], attempt: Attempt
) -> None:
    async with mailing() as mailed:
        mailed.refusals |= dict(zip(TO, answers, strict=True))
        assert await send(NOTICE, here(mailed), {}) == attempt


@pytest.mark.parametrize(
    ("answer", "attempt"),
    [
        ("451 busy", Attempt(outcome=Attempted.FAILED, detail="SMTP 451")),
        ("554 spam", Attempt(outcome=Attempted.REFUSED, detail="SMTP 554")),
    ],
)
async def test_a_server_that_takes_no_message_says_whether_to_come_again(answer: str, attempt: Attempt) -> None:
    async with mailing() as mailed:
        mailed.on_data = answer
        assert await send(NOTICE, here(mailed), {}) == attempt


async def test_nobody_at_the_other_end_is_unreachable_and_an_own_address_forbidden() -> None:
    async with mailing() as mailed:
        assert (await send(NOTICE, here(mailed), {}, private=False)).outcome is Attempted.FORBIDDEN_ADDRESS
    assert (await send(NOTICE, here(mailed), {})).outcome is Attempted.UNREACHABLE
    assert mailed.messages == []


async def test_a_server_without_tls_is_not_spoken_to_in_clear() -> None:
    async with mailing() as mailed:
        attempt = await send(NOTICE, here(mailed, security="starttls"), {})
    assert (attempt.outcome, mailed.messages) == (Attempted.UNREACHABLE, [])


def lets_in(_server: object, _session: object, _envelope: object, _mechanism: str, auth: Any) -> AuthResult:  # noqa: ANN401 - untyped
    return AuthResult(success=(auth.login, auth.password) == (b"router", b"right"), handled=False)


async def test_by_starttls_and_by_tls_a_password_is_shown_to_the_server_that_the_certificate_names() -> None:
    server, trusted = certificate()
    named = {"host": "localhost", "user": "router", "secret": SECRET}
    async with mailing(tls_context=server, require_starttls=True, authenticator=lets_in, auth_required=True) as mailed:
        given = here(mailed, security="starttls", **named)
        taken = await send(NOTICE, given, {SECRET: "right"}, trusted=trusted)
        wrong = await send(NOTICE, given, {SECRET: "wrong"}, trusted=trusted)
        other = await send(NOTICE, given | {"host": "127.0.0.1"}, {SECRET: "right"}, trusted=trusted)
    assert [one.outcome for one in (taken, wrong, other)] == [
        Attempted.ACCEPTED,
        # The message is not at fault, and waits until somebody mends the password.
        Attempted.NOT_SET_UP,
        Attempted.UNREACHABLE,
    ]
    assert len(mailed.messages) == 1


async def test_a_server_that_begins_with_tls_is_spoken_to_by_tls() -> None:
    server, trusted = certificate()
    async with mailing(server) as mailed:
        attempt = await send(NOTICE, here(mailed, host="localhost", security="tls"), {}, trusted=trusted)
    assert (attempt.outcome, len(mailed.messages)) == (Attempted.ACCEPTED, 1)
