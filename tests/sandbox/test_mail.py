"""The sandbox's mail: taken by SMTP, shown on pages where nothing in it runs, refused on demand."""

import socket
from collections.abc import AsyncIterator
from email.message import EmailMessage

import aiosmtplib
import httpx
import pytest

from sandbox.app import build_app
from sandbox.settings import Settings
from tests.sandbox.running import served

HTML = "<h1>3 orders missed</h1><script>alert(1)</script>"


def mail(to: str = "owner@shop.example", subject: str = "3 orders <missed>") -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "alerts@x.example", to, subject
    message.set_content("3 orders missed")
    message.add_alternative(HTML, subtype="html")
    return message


@pytest.fixture
async def post() -> AsyncIterator[tuple[httpx.AsyncClient, int]]:
    """The pages, and the port that takes mail."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = Settings(ingest_url="http://127.0.0.1:9", traffic_rate=0, mail_port=port, supplier_products=1)
    async with (
        served(build_app(settings)) as url,
        httpx.AsyncClient(base_url=url, trust_env=False, timeout=30) as client,
    ):
        yield client, port


async def test_a_mail_is_kept_and_shown_without_running(post: tuple[httpx.AsyncClient, int]) -> None:
    pages, port = post
    await aiosmtplib.send(mail(), hostname="127.0.0.1", port=port)
    (kept,) = (await pages.get("/mail/messages")).json()["messages"]
    assert (kept["to"], kept["subject"], kept["text"].strip()) == (
        ["owner@shop.example"],
        "3 orders <missed>",
        "3 orders missed",
    )
    assert "3 orders &lt;missed&gt;" in (await pages.get("/mail")).text
    shown = await pages.get("/mail/1")
    assert '<iframe sandbox src="/mail/1/html"' in shown.text
    assert "alert(1)" not in shown.text
    inside = await pages.get("/mail/1/html")
    assert "<h1>3 orders missed</h1>" in inside.text
    assert inside.headers["content-security-policy"].startswith("sandbox; default-src 'none'")
    assert "Subject: 3 orders" in (await pages.get("/mail/1/raw")).text
    assert (await pages.delete("/mail/messages")).json()["messages"] == []
    assert (await pages.get("/mail/1")).status_code == 404


async def test_mail_is_refused_on_demand(post: tuple[httpx.AsyncClient, int]) -> None:
    pages, port = post
    await pages.put("/mail/trouble", json={"refuse": True})
    with pytest.raises(aiosmtplib.SMTPResponseException, match="451"):
        await aiosmtplib.send(mail(), hostname="127.0.0.1", port=port)
    await pages.put("/mail/trouble", json={"bounces": ["nobody@shop.example"]})
    with pytest.raises(aiosmtplib.SMTPRecipientsRefused):
        await aiosmtplib.send(mail("nobody@shop.example"), hostname="127.0.0.1", port=port)
    await aiosmtplib.send(mail(), hostname="127.0.0.1", port=port)
    assert (await pages.get("/mail/messages")).json()["refused"] == 1
    assert (await pages.put("/mail/trouble", json={"refuse": "perhaps"})).status_code == 422
