"""A signed delivery becomes a task, in the exact bytes it came in."""

import json
from datetime import UTC, datetime, timedelta
from uuid import UUID

import asyncpg
import pytest

from shared.envelope import State, decode
from shared.identity import created_at
from shared.tasks import TaskType
from tests.integration.ingest.running import Ingest, Shop, add_shop, take
from tests.waiting import eventually


async def test_a_delivery_reaches_the_worker_and_the_recorder_with_its_exact_bytes(
    ingest: Ingest, shop: Shop, rabbitmq_url: str
) -> None:
    body = b'{ "id" : 5523001122334,\n"name":"#1042", "note":"Gr\xc3\xb6\xc3\x9fe \\u2013" }'
    triggered_at = (datetime.now(UTC) - timedelta(seconds=3)).isoformat().replace("+00:00", "Z")
    answer = await ingest.send(shop, body, x_shopify_triggered_at=triggered_at)
    assert answer.status_code == 200
    assert answer.json().keys() == {"task_id"}

    [dispatched], [recorded] = await take(rabbitmq_url, "sync", 1), await take(rabbitmq_url, "recorder", 1)
    assert dispatched == recorded
    [transition] = decode(dispatched)
    assert transition.state is State.QUEUED
    assert transition.task.id == UUID(answer.json()["task_id"])
    assert transition.task.type is TaskType.ORDER_WEBHOOK
    assert (transition.task.shop_id, transition.task.source_id) == (shop.id, "5523001122334")
    lag = datetime.fromisoformat(triggered_at) - created_at(transition.task.id)
    assert timedelta(0) <= lag < timedelta(milliseconds=1)
    assert transition.payload is not None
    assert transition.payload.body == body
    assert transition.payload.headers["x-shopify-shop-domain"] == shop.domain


async def test_a_redelivery_is_the_same_task_and_named_a_duplicate(
    ingest: Ingest, shop: Shop, rabbitmq_url: str
) -> None:
    first = await ingest.send(shop, x_shopify_webhook_id="w-1")
    second = await ingest.send(shop, x_shopify_webhook_id="w-1")
    assert "duplicate" not in first.json()
    assert second.json() == first.json() | {"duplicate": True}
    tasks = [decode(body)[0].task.id for body in await take(rabbitmq_url, "sync", 2)]
    assert len(tasks) == 2
    assert len(set(tasks)) == 1


async def test_two_topics_of_one_event_are_two_tasks(ingest: Ingest, shop: Shop) -> None:
    answers = [
        await ingest.send(shop, topic=topic, x_shopify_event_id="e-1", x_shopify_webhook_id=None)
        for topic in ("orders/create", "orders/updated")
    ]
    assert len({answer.json()["task_id"] for answer in answers}) == 2


@pytest.mark.parametrize(
    "body",
    [b"", b"not json", b"[]", b'{"id":"\\u0000"}', b"\xff\x00\xfe", b'"' + b"x" * 1000],
    ids=["empty", "text", "list", "nul", "binary", "unterminated"],
)
async def test_a_signed_body_nobody_can_read_becomes_a_task_with_its_bytes(
    ingest: Ingest, shop: Shop, rabbitmq_url: str, body: bytes
) -> None:
    assert (await ingest.send(shop, body)).status_code == 200
    [message] = await take(rabbitmq_url, "sync", 1)
    payload = decode(message)[0].payload
    assert payload is not None
    assert payload.body == body


async def test_a_body_of_five_mebibytes_is_accepted(ingest: Ingest, shop: Shop, rabbitmq_url: str) -> None:
    note = b"x" * (5 * 1024 * 1024 - 20)
    body = b'{"id":7,"note":"' + note + b'"}'
    body += b" " * (5 * 1024 * 1024 - len(body))
    assert (await ingest.send(shop, body)).status_code == 200
    [message] = await take(rabbitmq_url, "recorder", 1)
    [transition] = decode(message)
    assert transition.payload is not None
    assert transition.payload.body == body
    assert transition.task.source_id == "7"


@pytest.mark.parametrize(
    "topic", ["customers/merge", "products/update", "inventory_levels/update", "odd one"]
)
async def test_a_topic_without_a_task_is_acknowledged_and_counted(
    ingest: Ingest, shop: Shop, rabbitmq_url: str, topic: str
) -> None:
    before = await ingest.metric(
        'syncledger_deliveries_total{outcome="ignored",source="shopify",topic="other"}'
    )
    answer = await ingest.send(shop, topic=topic)
    assert (answer.status_code, answer.json()) == (200, {"ignored": True, "topic": topic})
    assert (
        await ingest.metric('syncledger_deliveries_total{outcome="ignored",source="shopify",topic="other"}')
        == before + 1
    )
    assert await take(rabbitmq_url, "recorder", 0) == []


async def test_a_topic_without_a_task_is_only_acknowledged_when_signed(ingest: Ingest, shop: Shop) -> None:
    answer = await ingest.send(shop, topic="products/update", x_shopify_hmac_sha256="AAAA")
    assert answer.status_code == 401


async def test_every_secret_of_a_shop_is_accepted_until_it_is_taken_away(
    ingest: Ingest, database_url: str
) -> None:
    rotating = await add_shop(database_url, "old", "new")
    for secret in ("old", "new"):
        assert (await ingest.send(Shop(rotating.domain, secret))).status_code == 200

    connection = await asyncpg.connect(database_url)
    await connection.execute(
        "UPDATE store.shops SET webhook_secrets = $2, updated_at = now() WHERE id = $1",
        rotating.id,
        [ingest.vault.seal(b"new")],
    )
    await connection.close()

    async def is_refused() -> bool:
        return (await ingest.send(Shop(rotating.domain, "old"))).status_code == 401

    await eventually(is_refused)
    assert (await ingest.send(Shop(rotating.domain, "new"))).status_code == 200


async def test_a_delivery_as_an_event_is_accepted(ingest: Ingest, shop: Shop) -> None:
    body = json.dumps({"id": 7}).encode()
    headers = {name.removeprefix("x-"): value for name, value in shop.headers(body).items()}
    assert (await ingest.post(body, headers)).status_code == 200
