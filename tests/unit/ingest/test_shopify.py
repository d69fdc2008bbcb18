"""What Shopify's headers and bodies say."""

from datetime import UTC, datetime

import pytest

from ingest.delivery import Delivery
from ingest.sources.shopify import TASK_TYPES, delivery_of, entity_ids, read_headers
from ingest.sources.source import MissingHeader
from shared.tasks import TaskType

CLASSIC = {
    "X-Shopify-Topic": "orders/updated",
    "X-Shopify-Shop-Domain": "Acme-Outdoor.myshopify.com",
    "X-Shopify-API-Version": "2026-10",
    "X-Shopify-Webhook-Id": "0c0e7b1e-5a53-4c2f-9d1f-2f9b8f0f6a11",
    "X-Shopify-Event-Id": "59d6d79c-0000-4a2b-8f31-9b7b0f7d4c02",
    "X-Shopify-Triggered-At": "2026-11-20T16:15:47.123456Z",
    "X-Shopify-Hmac-Sha256": "c2lnbmF0dXJl",
    "User-Agent": "Shopify-Captain-Hook",
}


def _read(headers: dict[str, str]) -> Delivery:
    return delivery_of(read_headers(headers.items()), content_type="application/json")


def _as_event(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("X-Shopify-", "shopify-").lower(): value for name, value in headers.items()}


@pytest.mark.parametrize(
    "headers",
    [
        CLASSIC,
        {name.lower(): value for name, value in CLASSIC.items()},
        {name.upper(): value for name, value in CLASSIC.items()},
        _as_event(CLASSIC),
    ],
    ids=["documented", "lower case", "upper case", "as an event"],
)
def test_both_prefixes_are_understood_in_any_case(headers: dict[str, str]) -> None:
    delivery = _read(headers)
    assert delivery.topic == "orders/updated"
    assert delivery.shop_domain == "acme-outdoor.myshopify.com"
    assert delivery.signature == "c2lnbmF0dXJl"
    assert delivery.webhook_id == CLASSIC["X-Shopify-Webhook-Id"]
    assert delivery.event_id == CLASSIC["X-Shopify-Event-Id"]
    assert delivery.triggered_at == datetime(2026, 11, 20, 16, 15, 47, 123456, tzinfo=UTC)


def test_of_two_sets_the_one_signed_as_an_event_counts() -> None:
    event = {"shopify-hmac-sha256": "ZXZlbnQ=", "shopify-topic": "orders/create"}
    delivery = _read(CLASSIC | event)
    assert (delivery.signature, delivery.topic) == ("ZXZlbnQ=", "orders/create")
    assert delivery.shop_domain == "acme-outdoor.myshopify.com"


def test_of_two_sets_the_classic_one_counts_when_only_it_is_signed() -> None:
    delivery = _read(CLASSIC | {"shopify-topic": "orders/create", "shopify-action": "update"})
    assert (delivery.signature, delivery.topic) == ("c2lnbmF0dXJl", "orders/updated")


def test_the_senders_own_headers_are_kept_without_the_signature() -> None:
    kept = _read(CLASSIC).headers
    assert kept["x-shopify-api-version"] == "2026-10"
    assert kept["x-shopify-event-id"] == CLASSIC["X-Shopify-Event-Id"]
    assert not [name for name in kept if "hmac" in name or name == "user-agent"]


@pytest.mark.parametrize("name", ["X-Shopify-Hmac-Sha256", "X-Shopify-Topic", "X-Shopify-Shop-Domain"])
@pytest.mark.parametrize("value", [None, "", "  "], ids=["absent", "empty", "blank"])
def test_a_required_header_that_is_missing_is_named(name: str, value: str | None) -> None:
    headers = {key: text for key, text in CLASSIC.items() if key != name}
    if value is not None:
        headers[name] = value
    with pytest.raises(MissingHeader) as missing:
        _read(headers)
    assert missing.value.name == name


@pytest.mark.parametrize(
    "text", ["yesterday", "2026-11-20T16:15:47", "0001-01-01T00:00:00+14:00", "9999999999"]
)
def test_an_unreadable_trigger_time_counts_as_absent(text: str) -> None:
    assert _read(CLASSIC | {"X-Shopify-Triggered-At": text}).triggered_at is None


def test_a_trigger_time_with_an_offset_is_the_same_moment_in_utc() -> None:
    delivery = _read(CLASSIC | {"X-Shopify-Triggered-At": "2026-11-20T17:15:47.123456+01:00"})
    assert delivery.triggered_at == datetime(2026, 11, 20, 16, 15, 47, 123456, tzinfo=UTC)


@pytest.mark.parametrize(
    ("topics", "task_type"),
    [
        (["create", "update", "delete", "enable", "disable"], TaskType.CUSTOMER_WEBHOOK),
        (
            [
                "create",
                "updated",
                "paid",
                "cancelled",
                "fulfilled",
                "partially_fulfilled",
                "edited",
                "delete",
            ],
            TaskType.ORDER_WEBHOOK,
        ),
    ],
)
def test_each_topic_causes_its_task(topics: list[str], task_type: TaskType) -> None:
    prefix = "customers" if task_type is TaskType.CUSTOMER_WEBHOOK else "orders"
    plain = {topic for topic in TASK_TYPES if topic.startswith(f"{prefix}/")}
    assert {topic for topic in plain if TASK_TYPES[topic] is task_type} == {
        f"{prefix}/{topic}" for topic in topics
    }


@pytest.mark.parametrize(
    ("topic", "body"),
    [
        ("customers_email_marketing_consent/update", b'{"customer_id":706405506930370084}'),
        ("customers_marketing_consent/update", b'{"id":706405506930370084}'),
        ("customer.tags_added", b'{"customerId":"gid://shopify/Customer/706405506930370084"}'),
        ("customer.tags_removed", b'{"customerId":"gid://shopify/Customer/706405506930370084"}'),
    ],
)
def test_consent_and_tags_are_about_a_customer(topic: str, body: bytes) -> None:
    assert TASK_TYPES[topic] is TaskType.CUSTOMER_WEBHOOK
    assert entity_ids(topic, body).source_id == "706405506930370084"
    assert entity_ids(topic, b"{}").source_id is None


def test_parcels_and_refunds_cause_their_tasks() -> None:
    parcels = ("fulfillments/create", "fulfillments/update")
    assert {TASK_TYPES[topic] for topic in parcels} == {TaskType.FULFILLMENT_WEBHOOK}
    assert TASK_TYPES["refunds/create"] is TaskType.REFUND_WEBHOOK


@pytest.mark.parametrize(
    ("topic", "body", "source_id", "order_number"),
    [
        ("customers/update", b'{"id":6148732321001,"name":"#1"}', "6148732321001", None),
        (
            "orders/create",
            b'{"id":5523001122334,"name":"#1042","order_number":1042}',
            "5523001122334",
            "#1042",
        ),
        ("orders/create", b'{"id":5523001122334,"order_number":1042}', "5523001122334", "#1042"),
        ("orders/paid", b'{"id":9223372036854775807}', "9223372036854775807", None),
        ("orders/paid", b'{"id":18446744073709551615}', "18446744073709551615", None),
        ("orders/paid", b'{"id":820982911946154508.0}', None, None),
        ("orders/paid", b'{"id":1e30}', None, None),
        ("orders/paid", b'{"id":99999999999999999999999}', None, None),
        ("orders/paid", b'{"id":true,"order_number":false,"name":7}', None, None),
        ("orders/paid", b'{"id":"gid://shopify/Order/7"}', "gid://shopify/Order/7", None),
        ("orders/paid", b'{"id":"\\u0000","name":"\\u0000"}', None, None),
        ("orders/edited", b'{"order_edit":{"id":1,"order_id":5523001122334}}', "5523001122334", None),
        ("orders/edited", b'{"order_edit":[1]}', None, None),
        ("orders/edited", b'{"id":1}', None, None),
        ("fulfillments/create", b'{"id":4400110022,"order_id":7,"name":"#1042.1"}', "4400110022", "#1042"),
        ("fulfillments/update", b'{"id":4400110022,"name":"SE.1042.12"}', "4400110022", "SE.1042"),
        ("fulfillments/create", b'{"id":4400110022,"name":"#1042"}', "4400110022", None),
        ("fulfillments/create", b'{"id":4400110022,"name":["#1042.1"]}', "4400110022", None),
        ("refunds/create", b'{"id":890088186047892319,"order_id":7,"name":"x"}', "890088186047892319", None),
        ("orders/delete", b'{"id":7}', "7", None),
        ("orders/delete", b'{"id":7,"order_number":99999999999999999999999}', "7", None),
        ("orders/delete", b'{"id":7,"order_number":' + b"9" * 10_000 + b"}", None, None),
        ("orders/delete", b"[1,2]", None, None),
        ("orders/delete", b"null", None, None),
        ("orders/delete", b"{", None, None),
        ("orders/delete", b"", None, None),
        ("orders/delete", b"\xff\xfe", None, None),
        ("orders/delete", b"[" * 100_000, None, None),
    ],
)
def test_the_entity_is_read_exactly_or_not_at_all(
    topic: str, body: bytes, source_id: str | None, order_number: str | None
) -> None:
    about = entity_ids(topic, body)
    assert (about.source_id, about.order_number) == (source_id, order_number)
