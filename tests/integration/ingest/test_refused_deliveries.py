"""Every refusal says why and what to do, and is counted where people can see it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import httpx
import pytest

from tests.integration.ingest.running import ORDER, Ingest, Shop, add_shop, ready_ingest
from tests.waiting import eventually

LIMIT = 5 * 1024 * 1024


def _assert_problem(answer: httpx.Response, status: int) -> str:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == status
    assert problem["detail"].endswith(".")
    return str(problem["detail"])


@pytest.mark.parametrize("name", ["X-Shopify-Hmac-Sha256", "X-Shopify-Topic", "X-Shopify-Shop-Domain"])
async def test_400_names_the_missing_header(ingest: Ingest, shop: Shop, name: str) -> None:
    headers = shop.headers(ORDER)
    del headers[name.lower()]
    answer = await ingest.post(ORDER, headers)
    assert name in _assert_problem(answer, 400)


@pytest.mark.parametrize(
    "signature",
    ["AAAA", "not base64", "=", "B23tXN681gZ0qIWNRrgtzBE9XSDo5yaUu6wfmhu3a7g=", "ä"],
)
async def test_401_for_a_bad_or_malformed_signature(ingest: Ingest, shop: Shop, signature: str) -> None:
    signed = shop.headers(ORDER) | {"x-shopify-hmac-sha256": signature}
    headers = {name.encode(): value.encode("latin-1") for name, value in signed.items()}
    answer = await ingest.client.post("/webhooks/shopify", content=ORDER, headers=headers)
    _assert_problem(answer, 401)


async def test_401_when_the_body_was_changed_on_its_way(ingest: Ingest, shop: Shop) -> None:
    _assert_problem(await ingest.post(ORDER + b" ", shop.headers(ORDER)), 401)


async def test_401_for_a_shop_without_any_secret(ingest: Ingest, database_url: str) -> None:
    secretless = await add_shop(database_url)
    await ingest.fetch(
        "UPDATE store.shops SET webhook_secrets = '{}', updated_at = now() WHERE id = $1", secretless.id
    )

    async def is_refused() -> bool:
        return (await ingest.send(secretless)).status_code == 401

    await eventually(is_refused)
    _assert_problem(await ingest.send(secretless), 401)


async def test_404_for_an_unknown_shop_and_the_same_for_an_inactive_one(
    ingest: Ingest, database_url: str
) -> None:
    unknown = await ingest.send(Shop("nobody.myshopify.com"))
    inactive = await ingest.send(await add_shop(database_url, is_active=False))
    _assert_problem(unknown, 404)
    assert inactive.content == unknown.content


async def test_a_shop_is_known_as_soon_as_it_is_stored(ingest: Ingest, database_url: str) -> None:
    newcomer = await add_shop(database_url)
    assert (await ingest.send(newcomer)).status_code == 200


async def test_404_for_another_address(ingest: Ingest) -> None:
    _assert_problem(await ingest.client.post("/webhooks/other"), 404)


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
async def test_405_for_another_method(ingest: Ingest, method: str) -> None:
    answer = await ingest.client.request(method, "/webhooks/shopify")
    _assert_problem(answer, 405)
    assert answer.headers["allow"] == "POST"


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/xml", "application/x-www-form-urlencoded"]
)
async def test_415_for_what_says_it_is_not_json(ingest: Ingest, shop: Shop, content_type: str) -> None:
    _assert_problem(await ingest.send(shop, content_type=content_type), 415)


@pytest.mark.parametrize(
    "content_type", [None, "application/json; charset=utf-8", "application/vnd.shop+json", "TEXT/JSON"]
)
async def test_json_by_any_name_or_none_is_welcome(
    ingest: Ingest, shop: Shop, content_type: str | None
) -> None:
    assert (await ingest.send(shop, content_type=content_type)).status_code == 200


async def test_413_is_answered_before_the_body_is_read(ingest: Ingest, shop: Shop) -> None:
    head = f"POST /webhooks/shopify HTTP/1.1\r\nHost: ingest\r\nContent-Length: {LIMIT + 1}\r\n\r\n"
    reader, writer = await asyncio.open_connection("127.0.0.1", int(ingest.url.rpartition(":")[2]))
    writer.write(head.encode())
    answer = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 1)
    assert answer.startswith(b"HTTP/1.1 413")
    assert b"connection: close" in answer
    writer.close()


async def test_413_reaches_a_sender_that_is_still_writing(ingest: Ingest, shop: Shop) -> None:
    body = b"x" * (LIMIT * 4)
    answer = await ingest.send(shop, body)
    _assert_problem(answer, 413)
    assert answer.headers["connection"] == "close"


async def test_413_for_a_stream_that_does_not_end(ingest: Ingest, shop: Shop) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while sent < 40 * LIMIT:
            sent += 64 * 1024
            yield b"x" * 64 * 1024

    with contextlib.suppress(httpx.TransportError):  # it is cut off while writing
        _assert_problem(await ingest.post(endless(), shop.headers(b"")), 413)
    assert sent < 40 * LIMIT


async def test_a_body_that_comes_too_slowly_is_not_waited_for(database_url: str, rabbitmq_url: str) -> None:
    shop = await add_shop(database_url)
    async with ready_ingest(database_url, rabbitmq_url, body_timeout_s=0.2) as ingest:

        async def slow() -> AsyncIterator[bytes]:
            yield b"{"
            await asyncio.sleep(2)
            yield b"}"

        _assert_problem(await ingest.post(slow(), shop.headers(b"{}")), 408)


async def test_429_for_many_bad_signatures_never_for_good_ones(database_url: str, rabbitmq_url: str) -> None:
    shop = await add_shop(database_url)
    async with ready_ingest(database_url, rabbitmq_url, bad_signature_limit=3) as ingest:
        statuses = [(await ingest.send(shop, x_shopify_hmac_sha256="AAAA")).status_code for _ in range(4)]
        assert statuses == [401, 401, 401, 429]
        answer = await ingest.send(shop, x_shopify_hmac_sha256="AAAA")
        _assert_problem(answer, 429)
        assert 0 < int(answer.headers["retry-after"]) <= 60
        assert (await ingest.send(shop)).status_code == 200


async def test_refusals_are_listed_by_shop_topic_and_reason_one_row_a_minute(
    ingest: Ingest, shop: Shop
) -> None:
    for _ in range(3):
        await ingest.send(shop, x_shopify_hmac_sha256="AAAA")
    await ingest.send(shop, x_shopify_hmac_sha256="B23tXN681gZ0qIWNRrgtzBE9XSDo5yaUu6wfmhu3a7g=")
    await ingest.send(Shop("Nobody.myshopify.com"))
    await ingest.send(Shop("<script>"), topic="'; --")
    expected = {
        (shop.domain, "orders/updated", "malformed_signature", 3),
        (shop.domain, "orders/updated", "bad_signature", 1),
        ("nobody.myshopify.com", "orders/updated", "unknown_shop", 1),
        (None, None, "unknown_shop", 1),
    }

    async def are_listed() -> bool:
        rows = await ingest.fetch(
            "SELECT shop_domain, topic, reason, sum(n)::int AS n FROM ingest.rejections "
            "WHERE source = 'shopify' AND first_at <= last_at GROUP BY 1, 2, 3"
        )
        return {tuple(row) for row in rows} == expected

    await eventually(are_listed)
    rows = await ingest.fetch("SELECT count(*) AS n FROM ingest.rejections")
    assert rows[0]["n"] <= 2 * len(expected)  # a minute may end in between


async def test_a_flood_of_invented_shops_fills_neither_memory_nor_table(ingest: Ingest) -> None:
    unnamed = await ingest.metric("syncledger_rejections_unnamed_total")
    for batch in range(4):
        await asyncio.gather(*(ingest.send(Shop(f"s{batch}-{n}.myshopify.com")) for n in range(100)))

    async def are_counted() -> bool:
        rows = await ingest.fetch(
            "SELECT sum(n)::int AS n FROM ingest.rejections"
            " WHERE reason IN ('unknown_shop', 'shop_unknowable')"
        )
        return bool(rows[0]["n"] == 400)

    await eventually(are_counted, 60)
    assert await ingest.metric("syncledger_rejections_unnamed_total") >= unnamed


async def test_no_answer_and_no_metric_tells_a_secret_or_a_shop(ingest: Ingest, shop: Shop) -> None:
    answer = await ingest.send(shop, x_shopify_hmac_sha256="AAAA")
    metrics = (await ingest.client.get("/metrics")).text
    assert shop.secret not in answer.text + metrics
    assert shop.domain not in metrics
