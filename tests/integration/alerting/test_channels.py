"""Mail servers that ask for more, and channels other than mail, over real connections."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import orjson
import pytest
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from alerting.clients.heartbeat import Pulse
from alerting.heartbeat import beat
from ingest.signatures import message_signer, signed_message
from shared.alerts.channels import AppriseChannel, SlackChannel, WebhookChannel, sealed
from shared.alerts.notifications import Notification, NotificationKind, Recipient, insert
from shared.envelope import utc_now
from shared.errors import Misconfigured, RateLimited, Unavailable
from shared.identity import new_task_id
from tests.integration.alerting.watching import Watching
from tests.sandbox.running import served

SECRET = "whsec_" + "c2VjcmV0" * 4


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, ssl.SSLContext]:
    """A mail server's own certificate, and what it is vouched for with."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail.example")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    public, private = tmp_path / "cert.pem", tmp_path / "key.pem"
    public.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    )
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(public, private)
    return public, context


def _may_enter(*args: Any) -> AuthResult:
    login = args[-1]
    is_known = isinstance(login, LoginPassword) and login.password == b"open sesame"
    return AuthResult(success=is_known, handled=False)


@asynccontextmanager
async def guarded(watching: Watching, context: ssl.SSLContext, *, from_the_start: bool) -> AsyncIterator[int]:
    """A server that takes mail only encrypted, and from those who say the password."""
    loop = asyncio.get_running_loop()

    def protocol() -> SMTP:
        return SMTP(
            watching.mailbox,
            authenticator=_may_enter,
            auth_required=True,
            auth_require_tls=not from_the_start,
            require_starttls=not from_the_start,
            tls_context=None if from_the_start else context,
            loop=loop,
        )

    server = await loop.create_server(protocol, "127.0.0.1", 0, ssl=context if from_the_start else None)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def tried(watching: Watching, kind: str, name: str) -> Any:
    """A test message to one recipient."""
    notification = Notification(new_task_id(), watching.shop_id, NotificationKind.TEST, Recipient(kind, name))
    await insert(watching.world.pool, [notification])
    await watching.teller.tell_at_once(watching.world.pool, notification.id)
    return notification.id


@pytest.mark.parametrize("from_the_start", [True, False], ids=["tls", "starttls"])
async def test_mail_goes_encrypted_to_a_server_that_is_vouched_for(
    watching: Watching, certificate: tuple[Path, ssl.SSLContext], from_the_start: bool
) -> None:
    public, context = certificate
    async with guarded(watching, context, from_the_start=from_the_start) as port:
        security = "tls" if from_the_start else "starttls"
        watching.mail = {"smtp_port": port, "smtp_security": security, "smtp_user": "sl"}
        watching.mail |= {"smtp_password": "open sesame"}
        with pytest.raises(Unavailable):
            await tried(watching, "mail", "owner@shop.example")
        watching.mail |= {"smtp_ca_file": str(public)}
        await tried(watching, "mail", "owner@shop.example")
        watching.mail |= {"smtp_password": "wrong"}
        with pytest.raises(Misconfigured, match="SMTP_USER and SMTP_PASSWORD"):
            await tried(watching, "mail", "owner@shop.example")
    assert watching.subjects() == [("owner@shop.example", "Kaffe & Té: test of alerts")]


@asynccontextmanager
async def listener(*statuses: int) -> AsyncIterator[tuple[str, list[tuple[dict[str, str], bytes]]]]:
    """A program of somebody's; the answers it gives, the last one again and again."""
    heard: list[tuple[dict[str, str], bytes]] = []

    async def hear(request: Request) -> Response:
        heard.append((dict(request.headers), await request.body()))
        return Response(status_code=statuses[min(len(heard), len(statuses)) - 1])

    async with served(Starlette(routes=[Route("/hook", hear, methods=["GET", "POST"])])) as url:
        yield f"{url}/hook", heard


async def _has_channels(watching: Watching, *channels: Any) -> None:
    await watching.world.pool.execute(
        "UPDATE alerts.settings SET channels = $1", sealed(channels, watching.vault)
    )


async def test_a_program_is_told_signed_and_again_under_the_same_id(watching: Watching) -> None:
    async with listener(503, 429, 200) as (url, heard):
        await _has_channels(watching, WebhookChannel(name="ops", url=url, secret=SECRET))
        with pytest.raises(Unavailable):
            await tried(watching, "webhook", "ops")
        notification_id = await watching.world.pool.fetchval("SELECT id FROM alerts.notifications")
        with pytest.raises(RateLimited):
            await watching.teller.tell_at_once(watching.world.pool, notification_id)
        await watching.teller.tell_at_once(watching.world.pool, notification_id)
        await watching.teller.tell_at_once(watching.world.pool, notification_id)
    assert len(heard) == 3
    assert {headers["webhook-id"] for headers, _ in heard} == {str(notification_id)}
    headers, body = heard[-1]
    content = signed_message(headers["webhook-id"], headers["webhook-timestamp"], body)
    moment = headers["webhook-timestamp"]
    signature = headers["webhook-signature"]
    assert message_signer(content, signature, [SECRET.encode()], signed_at=moment, now=utc_now()) == 0
    assert orjson.loads(body)["type"] == "alerts.test"


async def test_a_chat_gets_text_it_can_show(watching: Watching) -> None:
    await watching.ended(-2, failed=30)
    async with listener(200) as (url, heard):
        await _has_channels(watching, SlackChannel(name="chat", url=url))
        await watching.rounds(0)
        (chat,) = [row for row in await watching.notifications() if row["channel"] == "slack"]
        await watching.teller.tell_at_once(watching.world.pool, chat["id"])
    text = orjson.loads(heard[0][1])["text"]
    assert text.startswith("*Kaffe &amp; Té: 23.1 % of the tasks fail")
    assert "|Look at it>" in text


async def test_what_is_not_there_is_said(watching: Watching) -> None:
    with pytest.raises(Misconfigured, match="no channel 'gone'"):
        await tried(watching, "webhook", "gone")
    await _has_channels(watching, AppriseChannel(name="any", url="json://127.0.0.1:1/"))
    with pytest.raises(Misconfigured, match=r"syncledger-alerting\[apprise\]"):
        await tried(watching, "apprise", "any")


async def test_the_sign_of_life_is_given_only_while_rules_are_evaluated(watching: Watching) -> None:
    async with listener(200) as (url, heard):
        pulse = Pulse(watching.client, url)
        assert not await beat(watching.world.pool, pulse)
        await watching.rounds(0)
        assert await beat(watching.world.pool, pulse)
        await watching.world.pool.execute(
            "UPDATE alerts.heartbeat SET evaluated_at = now() - interval '10 minutes'"
        )
        assert not await beat(watching.world.pool, pulse)
    assert len(heard) == 1
