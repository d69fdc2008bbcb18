"""What people read: complete, in the shop's own time, and nothing of it can do harm."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import aiosmtplib
import pytest

from alerting.clients.channels import chat_of, event_of, signed
from alerting.clients.smtp import explained
from alerting.mail.composing import compose
from alerting.mail.words import LONGEST_SUBJECT, nothing_left, subject
from alerting.store.telling import Message, ToldAlert
from ingest.signatures import NotSigned, message_signer, signed_message
from shared.alerts.notifications import MAIL, NotificationKind, Recipient
from shared.errors import Misconfigured, Rejected, Retryable, TaskError, Unavailable

NOON = datetime(2026, 7, 3, 12, tzinfo=UTC)
SENDER = "Syncledger <alerts@syncledger.example>"
CONSOLE = "https://console.example/"
SECRET = "whsec_" + "c2VjcmV0" * 4


def alert(**changes: Any) -> ToldAlert:
    facts: dict[str, Any] = {
        "numbers": {"failed": 30},
        "examples": [
            {"task_id": "t-1", "type": "SyncOrder", "message": "no such product", "order_number": "#77"}
        ],
        "remedy": "Enter the product in the CRM, then retry.",
        "link": {"state": "error", "type": "SyncOrder"},
        "since": "2026-07-03T09:30:00+00:00",
    }
    values: dict[str, Any] = {
        "id": UUID(int=7),
        "event": "firing",
        "rule": "error-rate",
        "subject": "order sync",
        "state": "firing",
        "severity": "critical",
        "title": "23 % of the orders fail",
        "explanation": "30 of 130 tasks failed in the last hour.",
        "facts": facts,
        "began_at": NOON - timedelta(minutes=5),
        "fired_at": NOON,
        "resolved_at": None,
    }
    return ToldAlert(**(values | changes))


def message(*alerts: ToldAlert, kind: NotificationKind = NotificationKind.NEWS, **changes: Any) -> Message:
    values: dict[str, Any] = {
        "id": UUID(int=99),
        "kind": kind,
        "recipient": Recipient(MAIL, "owner@shop.example"),
        "shop": "kaffe.example",
        "shop_name": "Kaffe & Té",
        "timezone": "Europe/Stockholm",
        "alerts": alerts,
        "sent_at": None,
        "note": None,
        "sealed": None,
    }
    return Message(**(values | changes))


OVER = {"state": "resolved", "resolved_at": NOON + timedelta(minutes=40)}


def test_a_mail_says_what_since_when_how_many_an_example_the_remedy_and_where() -> None:
    mail = compose(message(alert()), sender=SENDER, console_url=CONSOLE)
    assert (mail["To"], mail["Subject"]) == ("owner@shop.example", "Kaffe & Té: 23 % of the orders fail")
    plain, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert plain is not None
    assert html is not None
    for part in (plain.get_content(), html.get_content()):
        assert "30 of 130 tasks failed in the last hour." in part
        assert "Friday 3 July 2026, 11:30 (Europe/Stockholm)" in part
        assert "SyncOrder for order #77: no such product (task t-1)" in part
        assert "Enter the product in the CRM, then retry." in part
        assert "https://console.example/?state=error" in part
        assert "shop=kaffe.example" in part


def test_the_same_notification_is_the_same_message_to_mail_programs() -> None:
    ids = {compose(message(alert()), sender=SENDER, console_url=None)["Message-ID"] for _ in range(2)}
    assert ids == {f"<{UUID(int=99)}@syncledger.example>"}


def test_what_comes_from_others_can_neither_end_a_header_nor_run_in_a_page() -> None:
    evil = alert(title="a\r\nBcc: all@x.example\r\n\r\n<script>alert(1)</script>" + "x" * 300)
    mail = compose(message(evil), sender=SENDER, console_url=None)
    assert mail["Bcc"] is None
    assert len(mail["Subject"]) <= LONGEST_SUBJECT
    html = mail.get_body(("html",))
    assert html is not None
    assert "<script" not in html.get_content()
    assert "&lt;script&gt;" in html.get_content()
    assert "<script" not in chat_of(message(evil), None)["text"]


@pytest.mark.parametrize(
    "address",
    ["", "no address", "a@b, c@d.example", "a@b.example\r\nBcc: all@x.example", "jörg@shop.example"],
)
def test_an_address_nobody_can_write_to_is_refused_in_words(address: str) -> None:
    with pytest.raises(Rejected, match="no mail address"):
        compose(message(alert(), recipient=Recipient(MAIL, address)), sender=SENDER, console_url=None)


def test_a_sender_nobody_can_write_as_is_named() -> None:
    with pytest.raises(Misconfigured, match="MAIL_FROM"):
        compose(message(alert()), sender="Kaffe AB, Stockholm <a@b.example>", console_url=None)


@pytest.mark.parametrize(
    ("error", "expected", "said"),
    [
        (aiosmtplib.SMTPConnectResponseError(554, "no service"), Unavailable, "takes no mail: 554"),
        (aiosmtplib.SMTPAuthenticationError(535, "no"), Misconfigured, "SMTP_PASSWORD"),
        (aiosmtplib.SMTPAuthenticationError(454, "later"), Unavailable, "454"),
        (aiosmtplib.SMTPSenderRefused(550, "not you", "a@b"), Misconfigured, "MAIL_FROM"),
        (aiosmtplib.SMTPResponseException(530, "STARTTLS first"), Misconfigured, "SMTP_SECURITY"),
        (aiosmtplib.SMTPDataError(554, "spam"), Rejected, "554 spam"),
        (aiosmtplib.SMTPDataError(451, "greylisted"), Retryable, "451"),
        (aiosmtplib.SMTPNotSupported("SMTPUTF8"), Rejected, "ASCII"),
        (aiosmtplib.SMTPServerDisconnected("lost"), Unavailable, "SMTPServerDisconnected"),
    ],
    ids=range(9),
)
def test_what_a_mail_server_says_decides_whether_it_is_tried_again(
    error: Exception, expected: type[TaskError], said: str
) -> None:
    found = explained(error)
    assert type(found) is expected
    assert said in str(found)


@pytest.mark.parametrize(
    ("told", "said"),
    [
        (message(alert(**OVER)), "Kaffe & Té: Resolved: 23 % of the orders fail"),
        (message(alert(), kind=NotificationKind.REMINDER), "Kaffe & Té: Reminder: 23 % of the orders fail"),
        (message(alert(), alert(title="b")), "Kaffe & Té: 23 % of the orders fail and 1 more"),
        (message(alert(**OVER), alert(title="still", severity="warning")), "Kaffe & Té: still and 1 more"),
        (message(kind=NotificationKind.TEST), "Kaffe & Té: test of alerts"),
        (message(alert(), shop=None, shop_name="Syncledger"), "Syncledger: 23 % of the orders fail"),
    ],
    ids=range(6),
)
def test_the_subject_says_what_matters_most(told: Message, said: str) -> None:
    assert subject(told) == said


def test_a_reminder_of_what_is_over_is_not_sent_and_news_of_it_are() -> None:
    over = alert(**OVER)
    assert nothing_left(message(over, kind=NotificationKind.REMINDER)) is not None
    assert nothing_left(message(over, alert(), kind=NotificationKind.REMINDER)) is None
    assert nothing_left(message(over)) is None
    assert nothing_left(message()) is not None
    assert nothing_left(message(kind=NotificationKind.TEST)) is None


def test_programs_can_check_who_tells_them_as_ingest_does() -> None:
    body = b'{"type":"alerts.news"}'
    headers = signed(body, message(alert()), SECRET, at=int(NOON.timestamp()))
    content = signed_message(headers["webhook-id"], headers["webhook-timestamp"], body)
    place = message_signer(
        content,
        headers["webhook-signature"],
        [SECRET.encode()],
        signed_at=headers["webhook-timestamp"],
        now=NOON,
    )
    assert place == 0
    with pytest.raises(NotSigned):
        message_signer(
            content + b" ",
            headers["webhook-signature"],
            [SECRET.encode()],
            signed_at=headers["webhook-timestamp"],
            now=NOON,
        )


def test_programs_get_everything_by_name() -> None:
    event = event_of(message(alert()), CONSOLE)
    (told,) = event["data"]["alerts"]
    assert (event["type"], event["data"]["shop"]) == ("alerts.news", "kaffe.example")
    assert (told["rule"], told["state"], told["numbers"]) == ("error-rate", "firing", {"failed": 30})
