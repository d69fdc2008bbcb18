"""WooCommerce and Standard Webhooks: wire formats, signatures, the ping, what they do when refused."""

import base64
import hashlib
import hmac
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import httpx
import orjson
import pytest

from sandbox.app import build_app
from sandbox.sending.standard import signature
from sandbox.standard.sender import DEFAULT_SECRET, TYPES
from sandbox.woocommerce.site import TOPICS, sign
from tests.sandbox.conftest import settings_for
from tests.sandbox.running import Receiver, served
from tests.waiting import eventually


@pytest.fixture
async def senders(receiver: Receiver) -> AsyncIterator[httpx.AsyncClient]:
    async with (
        served(build_app(settings_for(receiver.url))) as url,
        httpx.AsyncClient(base_url=f"{url}/control", verify=False) as client,
    ):
        yield client


async def woo(senders: httpx.AsyncClient, **order: Any) -> list[dict[str, Any]]:
    answer = await senders.post("/woocommerce/send", json=order)
    assert answer.status_code == 200, answer.text
    sent: list[dict[str, Any]] = answer.json()["sent"]
    return sent


def test_woocommerces_signature_equals_the_published_one() -> None:
    assert (
        sign("wc-secret", b'{"id":727,"status":"processing"}')
        == "CJGy2l17vmafo5cc0gtESTEst3ie65pcrP8ExTVLjmA="
    )
    assert sign("a&amp;b", b"{}") == sign("a&b", b"{}")


async def test_every_woocommerce_topic_is_sent_as_documented(
    senders: httpx.AsyncClient, receiver: Receiver
) -> None:
    for topic in TOPICS:
        await woo(senders, topic=topic)
    for topic, taken in zip(TOPICS, receiver.requests, strict=True):
        assert taken.path == "/webhooks/woocommerce/sandbox-woo.example"
        assert taken.headers["x-wc-webhook-topic"] == topic
        assert (taken.headers["x-wc-webhook-resource"], taken.headers["x-wc-webhook-event"]) == tuple(
            topic.split(".")
        )
        assert taken.headers["x-wc-webhook-source"].endswith("/")
        digest = hmac.new(b"sandbox-woo-secret", taken.body, hashlib.sha256).digest()
        assert taken.headers["x-wc-webhook-signature"] == base64.b64encode(digest).decode()
    deleted = [orjson.loads(taken.body) for taken in receiver.requests if b"first_name" not in taken.body]
    assert [set(body) for body in deleted] == [{"id"}, {"id"}]


async def test_a_woocommerce_order_adds_up_and_moves_on(
    senders: httpx.AsyncClient, receiver: Receiver
) -> None:
    await woo(senders, topic="customer.created")
    await woo(senders, topic="order.created")
    for _ in range(2):
        await woo(senders, topic="order.updated")
    customer, *orders = (orjson.loads(taken.body) for taken in receiver.requests)
    assert orders[-1]["status"] == "completed"
    assert len({order["id"] for order in orders}) == 1
    moments = [order["date_modified_gmt"] for order in orders]
    assert moments == sorted(set(moments))
    for order in orders:
        assert order["customer_id"] == customer["id"]
        assert "+" not in order["date_created_gmt"]
        goods = sum(Decimal(line["total"]) + Decimal(line["total_tax"]) for line in order["line_items"])
        (way,) = order["shipping_lines"]
        assert abs(goods + Decimal(way["total"]) + Decimal(way["total_tax"]) - Decimal(order["total"])) < 1


async def test_two_deliveries_in_one_second_share_their_id(
    senders: httpx.AsyncClient, receiver: Receiver
) -> None:
    sent = await woo(senders, topic="order.created", count=5)
    assert len({one["delivery_id"] for one in sent}) <= 2
    assert len({taken.body for taken in receiver.requests}) == 5


@pytest.mark.parametrize(("status", "saved"), [(200, True), (204, False), (401, False)])
async def test_the_ping_is_an_unsigned_form_that_must_get_exactly_200(
    senders: httpx.AsyncClient, receiver: Receiver, status: int, saved: bool
) -> None:
    receiver.answer = lambda _: status
    assert (await senders.post("/woocommerce/ping")).json()["saved"] is saved
    (taken,) = receiver.requests
    assert taken.body == b"webhook_id=17"
    assert taken.headers["content-type"] == "application/x-www-form-urlencoded"
    assert not [name for name in taken.headers if name.startswith("x-wc-")]


async def test_woocommerce_never_repeats_and_gives_up_at_the_seventh_failure(
    senders: httpx.AsyncClient, receiver: Receiver
) -> None:
    receiver.answer = lambda _: 503
    await woo(senders, count=6)
    assert (await senders.get("/woocommerce")).json()["active"] is True
    await woo(senders)
    assert (await senders.get("/woocommerce")).json()["active"] is False
    assert (await senders.post("/woocommerce/send", json={})).status_code == 409
    assert len(receiver.requests) == 7
    await senders.patch("/woocommerce", json={"secret": "another"})
    receiver.answer = lambda _: 302
    await woo(senders)
    assert receiver.requests[-1].headers["x-wc-webhook-signature"] == sign(
        "another", receiver.requests[-1].body
    )


async def test_a_woocommerce_request_can_be_spoilt(senders: httpx.AsyncClient, receiver: Receiver) -> None:
    headers = {"X-WC-Webhook-Signature": None, "X-WC-Webhook-Topic": "action.wc_custom"}
    await woo(senders, topic="order.created", raw="{", headers=headers)
    (taken,) = receiver.requests
    assert taken.body == b"{"
    assert "x-wc-webhook-signature" not in taken.headers
    assert (await senders.post("/woocommerce/send", json={"topic": "weather.changed"})).status_code == 422


async def test_standard_messages_are_signed_and_shaped(
    senders: httpx.AsyncClient, receiver: Receiver
) -> None:
    for kind in TYPES:
        assert (await senders.post("/standard/send", json={"type": kind})).status_code == 200
    for kind, taken in zip(TYPES, receiver.requests, strict=True):
        assert taken.path == "/webhooks/standard/sandbox-standard.example"
        content = orjson.loads(taken.body)
        assert set(content) == {"type", "timestamp", "data"}
        assert content["type"] == kind
        assert isinstance(content["data"]["id"], str)
        timestamp = int(taken.headers["webhook-timestamp"])
        assert abs(timestamp - datetime.now(UTC).timestamp()) < 60
        expected = signature(
            DEFAULT_SECRET, message_id=taken.headers["webhook-id"], timestamp=timestamp, body=taken.body
        )
        assert taken.headers["webhook-signature"] == expected


async def test_standard_orders_move_on(senders: httpx.AsyncClient, receiver: Receiver) -> None:
    for kind in ("customer.created", "order.created", "order.paid", "order.fulfilled"):
        await senders.post("/standard/send", json={"type": kind})
    _, *orders = (orjson.loads(taken.body)["data"] for taken in receiver.requests)
    assert len({order["id"] for order in orders}) == 1
    assert (orders[-1]["payment_status"], orders[-1]["fulfillment_status"]) == ("paid", "fulfilled")
    total = sum(Decimal(line["total"]) for line in orders[0]["lines"])
    assert abs(total - Decimal(orders[0]["subtotal"])) < 1


async def test_standard_messages_are_retried_when_asked_for(
    senders: httpx.AsyncClient, receiver: Receiver
) -> None:
    receiver.answer = lambda number: 502 if number <= 2 else 200
    await senders.post("/standard/send", json={"retry": True})
    await eventually(lambda: len(receiver.requests) == 3, what="two retries")
    assert len({taken.headers["webhook-id"] for taken in receiver.requests}) == 1


async def test_late_and_doubly_signed_messages(senders: httpx.AsyncClient, receiver: Receiver) -> None:
    await senders.patch("/standard", json={"old_secret": DEFAULT_SECRET, "shop": "elsewhere.example"})
    await senders.post("/standard/send", json={"late_s": 600})
    (taken,) = receiver.requests
    assert len(taken.headers["webhook-signature"].split(" ")) == 2
    assert datetime.now(UTC).timestamp() - int(taken.headers["webhook-timestamp"]) >= 599
    assert taken.path == "/webhooks/standard/elsewhere.example"
    assert (await senders.patch("/standard", json={"secret": "whsec_?"})).status_code == 422
