"""The shop over HTTP: how it delivers, retries, repeats, and what it says about it."""

import time
from collections import Counter
from itertools import pairwise
from typing import Any

import httpx
import orjson
import pytest

from sandbox.app import build_app
from sandbox.sending.manners import shopify_manners
from sandbox.shopify.signing import sign
from sandbox.shopify.topics import ALL_TOPICS, STORY_TOPICS
from tests.sandbox.conftest import SECRET, SHOP_DOMAIN, settings_for
from tests.sandbox.running import Receiver, served
from tests.waiting import eventually


async def burst(shop: httpx.AsyncClient, **order: Any) -> dict[str, Any]:
    """Run a burst to its end and return what it says."""
    started = await shop.post("/burst", json=order)
    assert started.status_code == 202, started.text
    path = f"/bursts/{started.json()['id']}"

    async def done() -> bool:
        return bool((await shop.get(path, params={"brief": 1})).json()["done"])

    await eventually(done, what="burst done")
    told: dict[str, Any] = (await shop.get(path)).json()
    return told


def webhook_id(headers: dict[str, str]) -> str:
    return headers.get("x-shopify-webhook-id") or headers["shopify-webhook-id"]


def test_the_retry_ladder_is_eight_doubling_pauses_of_four_hours_in_all() -> None:
    delays = shopify_manners(1).delays_s
    assert len(delays) == 8
    assert sum(delays) == pytest.approx(4 * 3600)
    assert all(after == pytest.approx(2 * before) for before, after in pairwise(delays))
    assert sum(shopify_manners(1 / 240).delays_s) == pytest.approx(60)


async def test_a_single_delivery_is_signed_and_carries_every_header(
    shop: httpx.AsyncClient, receiver: Receiver
) -> None:
    answer = await shop.post("/send", json={"topic": "orders/create"})
    assert answer.json()["answers"] == [{"status": 200, "body": "taken", "error": None}]
    (taken,) = receiver.requests
    assert taken.path == "/webhooks/shopify"
    assert taken.headers["x-shopify-hmac-sha256"] == sign(SECRET, taken.body)
    assert taken.headers["x-shopify-shop-domain"] == SHOP_DOMAIN
    assert taken.headers["x-shopify-topic"] == "orders/create"
    assert {"x-shopify-api-version", "x-shopify-event-id", "x-shopify-triggered-at"} <= set(taken.headers)


async def test_a_single_delivery_can_be_spoilt_in_every_part(
    shop: httpx.AsyncClient, receiver: Receiver
) -> None:
    headers = {"X-Shopify-Hmac-Sha256": "bm90IGl0", "X-Shopify-Topic": None}
    order = {"topic": "orders/create", "raw": "not json", "headers": headers, "times": 2}
    answer = await shop.post("/send", json=order)
    first, second = receiver.requests
    assert first == second
    assert (first.body, first.headers["x-shopify-hmac-sha256"]) == (b"not json", "bm90IGl0")
    assert "x-shopify-topic" not in first.headers
    assert len(answer.json()["answers"]) == 2


async def test_a_topic_no_shop_has_needs_a_body(shop: httpx.AsyncClient, receiver: Receiver) -> None:
    assert (await shop.post("/send", json={"topic": "weather/changed"})).status_code == 422
    order = {"topic": "weather/changed", "body": {"rain": 1}}
    assert (await shop.post("/send", json=order)).status_code == 200
    assert receiver.requests[0].body == b'{"rain":1}'


async def test_every_topic_has_a_body_when_none_is_given(shop: httpx.AsyncClient, receiver: Receiver) -> None:
    for topic in ALL_TOPICS:
        assert (await shop.post("/send", json={"topic": topic})).status_code == 200
    told = {taken.headers["x-shopify-topic"]: orjson.loads(taken.body) for taken in receiver.requests}
    assert set(told) == ALL_TOPICS
    assert set(told["customers/redact"]) == {"shop_id", "shop_domain", "customer", "orders_to_redact"}
    assert set(told["customers/data_request"]["data_request"]) == {"id"}
    assert set(told["shop/redact"]) == {"shop_id", "shop_domain"}
    assert "url" not in told["bulk_operations/finish"]


async def test_what_is_lost_happens_but_is_not_sent(shop: httpx.AsyncClient, receiver: Receiver) -> None:
    told = await burst(shop, count=200, duplicates=0, losses=0.2, rate=2_000, topics=sorted(STORY_TOPICS))
    lost = set(told["expectation"]["lost_webhook_ids"])
    sent = set(told["expectation"]["webhook_ids"])
    assert 10 < len(lost) < 80
    assert {webhook_id(taken.headers) for taken in receiver.requests} == sent
    assert len(sent | lost) == 200


async def test_a_burst_sends_exactly_what_it_says(shop: httpx.AsyncClient, receiver: Receiver) -> None:
    told = await burst(shop, count=200, duplicates=0.1, reordering=0.1, rate=2_000)
    arrived = Counter(webhook_id(taken.headers) for taken in receiver.requests)
    assert set(arrived) == set(told["expectation"]["webhook_ids"])
    assert (len(arrived), arrived.total()) == (200, 220)
    assert (told["distinct"], told["duplicates"], told["delivered"]) == (200, 20, 220)
    assert told["failed_for_good"] == []
    stats = (await shop.get("/stats")).json()
    assert (stats["sent"], stats["distinct"], stats["duplicates"], stats["retried"]) == (220, 200, 20, 0)
    assert stats["by_status"] == {"200": 220}
    assert 0 < stats["answer_ms"]["p50"] <= stats["answer_ms"]["p99"]


async def test_a_repeated_delivery_has_the_same_bytes_and_headers(
    shop: httpx.AsyncClient, receiver: Receiver
) -> None:
    await burst(shop, count=50, duplicates=1, rate=2_000)
    forms = {
        (webhook_id(taken.headers), taken.body, tuple(taken.headers.items())) for taken in receiver.requests
    }
    assert (len(receiver.requests), len(forms)) == (100, 50)


@pytest.mark.parametrize("refusal", [503, 401, 302])
async def test_anything_but_2xx_is_retried_with_the_same_bytes(
    shop: httpx.AsyncClient, receiver: Receiver, refusal: int
) -> None:
    receiver.answer = lambda number: refusal if number <= 3 else 204
    told = await burst(shop, count=1, duplicates=0)
    assert len({(taken.body, tuple(taken.headers.items())) for taken in receiver.requests}) == 1
    (record,) = (await shop.get("/deliveries", params={"limit": 5})).json()["deliveries"]
    assert (record["attempts"], record["status"], record["state"]) == (4, 204, "delivered")
    assert (told["delivered"], told["failed_for_good"]) == (1, [])


async def test_after_eight_retries_a_delivery_has_failed_for_good(
    shop: httpx.AsyncClient, receiver: Receiver
) -> None:
    receiver.answer = lambda _: 500
    told = await burst(shop, count=1, duplicates=0)
    assert len(receiver.requests) == 9
    assert told["failed_for_good"] == told["expectation"]["webhook_ids"]
    stats = (await shop.get("/stats")).json()
    assert (stats["failed_for_good"], stats["retried"], stats["pending"]) == (1, 8, 0)


async def test_a_receiver_that_is_away_is_retried_like_one_that_refuses() -> None:
    app = build_app(settings_for("http://127.0.0.1:9"))
    async with served(app) as url, httpx.AsyncClient(base_url=f"{url}/control/shop") as away:
        told = await burst(away, count=1, duplicates=0)
        assert len(told["failed_for_good"]) == 1
        assert (await away.get("/stats")).json()["by_status"] == {"ConnectError": 9}


async def test_traffic_starts_by_itself_and_follows_the_rate(receiver: Receiver) -> None:
    app = build_app(settings_for(receiver.url, traffic_rate=200))
    async with served(app) as url, httpx.AsyncClient(base_url=f"{url}/control/shop") as busy:
        await eventually(lambda: len(receiver.requests) >= 60, what="60 deliveries")
        await busy.put("/traffic", json={"rate": 0})
        topics = {taken.headers.get("x-shopify-topic") for taken in receiver.requests}
        assert {"orders/create", "customers/create"} <= topics

        async def quiet() -> bool:
            return bool((await busy.get("/stats")).json()["pending"] == 0)

        await eventually(quiet, what="nothing under way")


async def test_traffic_keeps_to_the_topics_it_is_given(shop: httpx.AsyncClient, receiver: Receiver) -> None:
    await shop.put("/traffic", json={"rate": 500, "topics": ["customers/create"]})
    await eventually(lambda: len(receiver.requests) >= 30, what="30 deliveries")
    topics = {
        taken.headers.get("x-shopify-topic", taken.headers.get("shopify-topic"))
        for taken in receiver.requests
    }
    assert topics == {"customers/create"}


@pytest.mark.parametrize("order", [{"rate": -1}, {"topics": ["weather/changed"]}, {"speed": 3}])
async def test_traffic_that_makes_no_sense_is_refused(shop: httpx.AsyncClient, order: dict[str, Any]) -> None:
    assert (await shop.put("/traffic", json=order)).status_code == 422


async def test_a_burst_keeps_about_to_its_rate(shop: httpx.AsyncClient) -> None:
    started = time.monotonic()
    await burst(shop, count=60, duplicates=0, rate=100)
    assert time.monotonic() - started >= 0.5
