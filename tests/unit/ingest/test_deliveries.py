"""Which deliveries are the same, and the task each of them becomes."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from ingest.accepting import Arrival, queued
from ingest.delivery import Delivery, delivery_key
from ingest.sources.shopify import TASK_TYPES, delivery_of, entity_ids, read_headers
from ingest.sources.source import MissingHeader
from shared.envelope import State, Transition, decode, encode, split
from shared.identity import created_at
from shared.tasks import CATALOGUE, TaskType
from shared.topology import routing_key
from tests.unit.stored_json import has_nul

NOW = datetime(2026, 11, 20, 16, 15, 50, tzinfo=UTC)
TRIGGERED = datetime(2026, 11, 20, 16, 15, 47, 123456, tzinfo=UTC)
BODY = b'{"id":5523001122334,"name":"#1042"}'
FULL = Delivery(
    source="shopify",
    shop_domain="acme.myshopify.com",
    topic="orders/updated",
    signature="c2ln",
    content_type="application/json",
    headers={"x-shopify-topic": "orders/updated"},
    webhook_id="0c0e7b1e-5a53",
    event_id="59d6d79c-0000",
    triggered_at=TRIGGERED,
)


def _task(delivery: Delivery = FULL, body: bytes = BODY, *, received_at: datetime = NOW) -> Transition:
    about = entity_ids(delivery.topic, body)
    return queued(Arrival(delivery, body, about, 7, TASK_TYPES[delivery.topic], received_at))


def _id(delivery: Delivery = FULL, *, received_at: datetime = NOW) -> UUID:
    return _task(delivery, received_at=received_at).task.id


def test_the_webhook_id_alone_makes_the_key() -> None:
    assert delivery_key(FULL, BODY) == "shopify:webhook:0c0e7b1e-5a53"
    assert delivery_key(replace(FULL, event_id=None, triggered_at=None), b"other") == delivery_key(FULL, BODY)


def test_a_redelivery_is_the_same_task_on_any_replica_and_at_any_time() -> None:
    assert _id() == _id(received_at=NOW + timedelta(hours=4))


def test_the_same_webhook_id_of_another_shop_is_another_task() -> None:
    assert _id(replace(FULL, shop_domain="other.myshopify.com")) != _id()


def test_the_topic_is_part_of_the_task_id() -> None:
    assert _id(replace(FULL, topic="orders/create")) != _id()


def test_without_webhook_id_event_topic_and_body_make_the_key() -> None:
    delivery = replace(FULL, webhook_id=None)
    key = delivery_key(delivery, BODY)
    assert key.startswith("shopify:event:59d6d79c-0000:orders/updated:")
    assert delivery_key(replace(delivery, triggered_at=None), BODY) == key
    assert delivery_key(delivery, BODY + b" ") != key
    assert delivery_key(replace(delivery, topic="orders/create"), BODY) != key
    assert delivery_key(replace(delivery, event_id="other"), BODY) != key


def test_without_any_id_topic_trigger_time_and_body_make_the_key() -> None:
    delivery = replace(FULL, webhook_id=None, event_id=None)
    key = delivery_key(delivery, BODY)
    assert key.startswith("shopify:body:orders/updated:2026-11-20T16:15:47.123456+00:00:")
    assert delivery_key(delivery, BODY + b" ") != key
    assert delivery_key(replace(delivery, topic="orders/create"), BODY) != key
    assert delivery_key(replace(delivery, triggered_at=None), BODY) != key


def test_an_id_of_strange_characters_is_replaced_by_its_hash() -> None:
    key = delivery_key(replace(FULL, webhook_id="a\x00b" * 1000), BODY)
    assert key.startswith("shopify:webhook:sha256-")
    assert key.isprintable()
    assert len(key) < 100


def test_the_task_says_what_the_delivery_said() -> None:
    transition = _task()
    task = transition.task
    assert (transition.state, transition.attempt, transition.service) == (State.QUEUED, 1, "ingest")
    assert (task.type, task.shop_id, task.account_id) == (TaskType.ORDER_WEBHOOK, 7, None)
    assert (task.source_id, task.order_number) == ("5523001122334", "#1042")
    assert task.max_attempts == CATALOGUE[TaskType.ORDER_WEBHOOK].retry.attempts
    assert task.delivery_key == "shopify:webhook:0c0e7b1e-5a53"
    assert created_at(task.id) == TRIGGERED.replace(microsecond=123000)
    assert transition.payload is not None
    assert transition.payload.body == BODY
    assert transition.payload.topic == "orders/updated"
    assert routing_key(transition) == "queued.sync.OrderWebhook"


def test_an_implausible_trigger_time_places_the_task_on_the_day_of_receipt() -> None:
    early = _task(replace(FULL, triggered_at=NOW - timedelta(days=30)))
    assert created_at(early.task.id) == NOW.replace(hour=0, minute=0, second=0)


HEADER_TEXT = st.text(st.characters(min_codepoint=0, max_codepoint=255), max_size=40)
NAMES = ["Topic", "Shop-Domain", "Hmac-Sha256", "Webhook-Id", "Event-Id", "Triggered-At", "API-Version"]
HEADERS = st.dictionaries(
    st.sampled_from([f"{prefix}{name}" for prefix in ("X-Shopify-", "shopify-") for name in NAMES]),
    HEADER_TEXT,
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.sampled_from(["id", "name", "order_edit", "order_id"]), inner)
    ),
    max_leaves=8,
)


def _bytes_of(value: object) -> bytes:
    return json.dumps(value).encode()


@given(headers=HEADERS, topic=st.sampled_from(sorted(TASK_TYPES)), body=st.binary() | JSON.map(_bytes_of))
def test_any_headers_and_any_body_become_a_task_that_can_be_read_again(
    headers: dict[str, str], topic: str, body: bytes
) -> None:
    try:
        delivery = delivery_of(read_headers(headers.items()), content_type="application/json")
    except MissingHeader:
        return
    transition = _task(replace(delivery, topic=topic), body)
    message = encode([transition])
    assert decode(message) == [transition]
    assert not has_nul(split(message)[0])
