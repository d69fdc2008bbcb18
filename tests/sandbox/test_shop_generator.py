"""The shop as a pure stream: believable, exact, and the same for the same seed."""

import base64
import hashlib
import hmac
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.shopify.delivery import Delivery, Sender
from sandbox.shopify.expectation import Expectation
from sandbox.shopify.generator import Shop, disorder
from sandbox.shopify.signing import sign
from sandbox.shopify.topics import LIVE_TOPICS, STORY_TOPICS

SENDER = Sender("test-outdoor.myshopify.com", "hush")
START = datetime(2026, 11, 20, 8, 0, 0, 123456, tzinfo=UTC)
STEP = timedelta(seconds=3)


def deliveries(
    count: int, *, seed: str = "1", epoch: str = "", topics: frozenset[str] = STORY_TOPICS
) -> list[Delivery]:
    return Shop(SENDER, seed=seed, epoch=epoch, topics=topics).take(count, start=START, step=STEP)


@pytest.fixture(scope="module")
def many() -> list[Delivery]:
    return deliveries(3_000)


@pytest.fixture(scope="module")
def orders(many: list[Delivery]) -> list[dict[str, Any]]:
    return [orjson.loads(d.body) for d in many if d.resource.kind == "order" and d.topic != "orders/delete"]


@pytest.fixture(scope="module")
def customers(many: list[Delivery]) -> list[dict[str, Any]]:
    return [orjson.loads(d.body) for d in many if d.topic in ("customers/create", "customers/update")]


@pytest.mark.parametrize(
    ("secret", "body", "signature"),
    [
        ("test_secret_key", '{"foo": "bar"}', "B23tXN681gZ0qIWNRrgtzBE9XSDo5yaUu6wfmhu3a7g="),
        (
            "hush",
            '{"id":820982911946154508,"note":"Größe 42 – ok"}',
            "NjfBAVdmLS3brMSsTUcymbiKiDwqdxaESspSd5/SCQE=",
        ),
        (
            "hush",
            '{"shop_id":954889,"shop_domain":"example.myshopify.com"}',
            "aWGfbqUACx5KtRhny0TE1/GqBn4XUmextJmCws4UcYE=",
        ),
    ],
)
def test_signatures_equal_the_published_ones(secret: str, body: str, signature: str) -> None:
    assert sign(secret, body.encode()) == signature


def test_every_delivery_is_signed_over_its_own_bytes(many: list[Delivery]) -> None:
    for delivery in many[:500]:
        headers = {name.lower().removeprefix("x-"): value for name, value in delivery.headers}
        digest = hmac.new(b"hush", delivery.body, hashlib.sha256).digest()
        assert headers["shopify-hmac-sha256"] == base64.b64encode(digest).decode()
        assert headers["shopify-topic"] == delivery.topic
        assert headers["shopify-shop-domain"] == SENDER.shop_domain
        assert headers["shopify-webhook-id"] == delivery.webhook_id
        assert headers["shopify-triggered-at"].endswith(".123456Z")


def test_header_names_come_in_every_documented_spelling(many: list[Delivery]) -> None:
    names = {name for delivery in many[:200] for name, _ in delivery.headers}
    assert {"X-Shopify-Topic", "x-shopify-topic", "shopify-topic"} <= names


@settings(max_examples=15, deadline=None)
@given(seed=st.text(max_size=8), count=st.integers(1, 120))
def test_the_same_seed_gives_the_same_bytes(seed: str, count: int) -> None:
    first, second = deliveries(count, seed=seed), deliveries(count, seed=seed)
    assert first == second
    assert len(first) == count


def test_another_epoch_tells_the_same_story_with_other_identifiers() -> None:
    first, second = deliveries(200, epoch="a"), deliveries(200, epoch="b")
    assert [d.topic for d in first] == [d.topic for d in second]
    assert not {d.webhook_id for d in first} & {d.webhook_id for d in second}
    assert not {d.resource.key for d in first} & {d.resource.key for d in second}


def test_webhook_ids_are_distinct_and_one_action_shares_its_event_id(many: list[Delivery]) -> None:
    assert len({d.webhook_id for d in many}) == len(many)
    by_event = defaultdict(set)
    for delivery in many:
        by_event[delivery.stamp.event_id].add(delivery.topic)
    first_order = {"customers/create", "customers/update", "orders/create", "orders/updated", "orders/paid"}
    assert first_order in by_event.values()


def test_only_subscribed_topics_are_sent_and_all_of_them(many: list[Delivery]) -> None:
    assert {d.topic for d in many} == STORY_TOPICS
    assert {d.topic for d in deliveries(600, topics=LIVE_TOPICS)} == LIVE_TOPICS


def test_updated_at_grows_with_every_change_of_a_resource(many: list[Delivery]) -> None:
    last: dict[tuple[str, int], tuple[datetime, bytes]] = {}
    for delivery in many:
        resource = delivery.resource
        before, body = last.get(resource.key, (resource.updated_at, delivery.body))
        assert before < resource.updated_at or (before == resource.updated_at and body == delivery.body)
        last[resource.key] = (resource.updated_at, delivery.body)


def test_the_body_says_the_same_moment_as_the_resource(many: list[Delivery]) -> None:
    told = [d for d in many if d.resource.kind in ("order", "customer") and not d.topic.endswith("/delete")]
    assert all(
        datetime.fromisoformat(orjson.loads(d.body)["updated_at"]) == d.resource.updated_at for d in told
    )


def test_times_come_with_different_offsets(orders: list[dict[str, Any]]) -> None:
    assert len({order["updated_at"][-6:] for order in orders}) >= 4


def test_some_ids_exceed_what_a_float_keeps_and_all_fit_64_bits(orders: list[dict[str, Any]]) -> None:
    ids = {order["id"] for order in orders}
    assert any(order_id > 2**53 for order_id in ids)
    assert any(order_id < 2**53 for order_id in ids)
    assert max(ids) < 2**63


def test_orders_move_through_their_states(orders: list[dict[str, Any]]) -> None:
    financial = {order["financial_status"] for order in orders}
    assert financial >= {"pending", "authorized", "paid", "partially_refunded", "refunded", "voided"}
    assert {order["fulfillment_status"] for order in orders} == {None, "partial", "fulfilled"}
    assert {bool(order["cancelled_at"]) for order in orders} == {True, False}


def test_an_order_once_cancelled_or_refunded_does_not_change_again(orders: list[dict[str, Any]]) -> None:
    ended: dict[int, str] = {}
    for order in orders:
        assert ended.get(order["id"], order["updated_at"]) == order["updated_at"]
        if order["cancelled_at"] or order["financial_status"] == "refunded":
            ended[order["id"]] = order["updated_at"]


def test_buyers_are_reachable_in_different_ways(
    customers: list[dict[str, Any]], orders: list[dict[str, Any]]
) -> None:
    ways = {(bool(c["email"]), bool(c["phone"])) for c in customers}
    assert ways == {(True, True), (True, False), (False, True), (False, False)}
    assert any(order["customer"] is None for order in orders)
    assert any(order["customer"] and order["customer"]["updated_at"] is None for order in orders)
    assert any(not str(c["last_name"]).isascii() for c in customers)


def test_no_two_buyers_share_an_address_or_number(customers: list[dict[str, Any]]) -> None:
    for field in ("email", "phone"):
        owners = defaultdict(set)
        for customer in customers:
            owners[customer[field]].add(customer["id"])
        del owners[None]
        assert all(len(ids) == 1 for ids in owners.values())


def test_money_is_a_decimal_string_and_adds_up(orders: list[dict[str, Any]]) -> None:
    assert {order["taxes_included"] for order in orders} == {True, False}
    assert any(order["discount_codes"] for order in orders)
    for order in orders:
        lines = sum(Decimal(line["price"]) * line["quantity"] for line in order["line_items"])
        discounts = sum(
            Decimal(part["amount"]) for line in order["line_items"] for part in line["discount_allocations"]
        )
        shipping = sum(Decimal(line["price"]) for line in order["shipping_lines"])
        tax_on_top = Decimal(0) if order["taxes_included"] else Decimal(order["total_tax"])
        assert Decimal(order["total_discounts"]) == discounts
        assert Decimal(order["subtotal_price"]) == lines - discounts
        assert Decimal(order["total_price"]) == lines - discounts + shipping + tax_on_top
        assert order["total_price_set"]["shop_money"]["amount"] == order["total_price"]


def test_refund_lines_carry_numbers_where_everything_else_is_text(many: list[Delivery]) -> None:
    refunds = [orjson.loads(d.body) for d in many if d.topic == "refunds/create"]
    lines = [line for refund in refunds for line in refund["refund_line_items"]]
    assert all(isinstance(line["subtotal"], int | float) for line in lines)
    money = [moved for refund in refunds for moved in refund["transactions"]]
    assert all(isinstance(moved["amount"], str) for moved in money)


def test_money_comes_back_with_goods_without_them_and_the_other_way_round(many: list[Delivery]) -> None:
    refunds = [orjson.loads(d.body) for d in many if d.topic == "refunds/create"]
    kinds = {(bool(refund["refund_line_items"]), bool(refund["transactions"])) for refund in refunds}
    assert kinds == {(True, True), (True, False), (False, True)}
    for refund in refunds:
        goods = sum(Decimal(str(line["subtotal"])) for line in refund["refund_line_items"])
        money = sum(Decimal(moved["amount"]) for moved in refund["transactions"])
        if not (goods and money):
            (adjustment,) = refund["order_adjustments"]
            assert abs(Decimal(adjustment["amount"])) >= max(goods, money)


def test_consent_and_tags_have_their_own_topics_and_spellings(many: list[Delivery]) -> None:
    bodies = defaultdict(list)
    for delivery in many:
        bodies[delivery.topic].append(orjson.loads(delivery.body))
    email, sms = (
        bodies["customers_email_marketing_consent/update"],
        bodies["customers_marketing_consent/update"],
    )
    assert all(set(body) == {"customer_id", "email_address", "email_marketing_consent"} for body in email)
    assert all(set(body) == {"id", "phone", "sms_marketing_consent"} for body in sms)
    assert {body["email_marketing_consent"]["state"] for body in email} >= {"subscribed", "unsubscribed"}
    assert all("consent_collected_from" in body["sms_marketing_consent"] for body in sms)
    for body in bodies["customer.tags_added"] + bodies["customer.tags_removed"]:
        assert set(body) == {"customerId", "tags", "occurredAt"}
        assert body["customerId"].startswith("gid://shopify/Customer/")


def test_an_edited_order_is_told_as_a_difference_and_then_as_a_whole(many: list[Delivery]) -> None:
    edits = [orjson.loads(d.body)["order_edit"] for d in many if d.topic == "orders/edited"]
    whole = [orjson.loads(d.body) for d in many if d.topic == "orders/updated"]
    lines = {line["id"] for order in whole for line in order["line_items"]}
    assert edits
    assert all(edit["line_items"]["additions"][0]["id"] in lines for edit in edits)
    assert all(set(orjson.loads(d.body)) == {"id"} for d in many if d.topic == "orders/delete")


def test_a_parcel_is_seen_on_its_way(many: list[Delivery]) -> None:
    seen = [orjson.loads(d.body)["shipment_status"] for d in many if d.topic == "fulfillments/update"]
    assert {"confirmed", "in_transit"} <= set(seen)


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 1_000),
    count=st.integers(1, 300),
    duplicates=st.floats(0, 1),
    reordering=st.floats(0, 1),
)
def test_disorder_loses_nothing_and_copies_the_share_asked_for(
    seed: int, count: int, duplicates: float, reordering: float
) -> None:
    sent = deliveries(count, seed=str(seed % 7))
    parcels = disorder(sent, Random(seed), duplicates=duplicates, reordering=reordering)
    originals = [parcel.delivery for parcel in parcels if not parcel.is_copy]
    copies = [parcel.delivery for parcel in parcels if parcel.is_copy]
    assert {d.webhook_id for d in originals} == {d.webhook_id for d in sent}
    assert (len(originals), len(copies)) == (count, round(count * duplicates))
    assert {d.webhook_id for d in copies} <= {d.webhook_id for d in sent}


def test_reordering_brings_older_states_after_newer_ones(many: list[Delivery]) -> None:
    parcels = disorder(many[:500], Random(1), duplicates=0, reordering=0.1)
    newest: dict[tuple[str, int], datetime] = {}
    overtaken = 0
    for resource in (parcel.delivery.resource for parcel in parcels):
        overtaken += newest.get(resource.key, resource.updated_at) > resource.updated_at
        newest[resource.key] = max(newest.get(resource.key, resource.updated_at), resource.updated_at)
    assert overtaken >= 40


def test_the_expectation_is_the_newest_state_whatever_the_order_of_arrival(many: list[Delivery]) -> None:
    in_order, shuffled = Expectation(), Expectation()
    for delivery in many:
        in_order.note(delivery)
    for delivery in sorted(many, key=lambda d: d.webhook_id):
        shuffled.note(delivery)
    expected, found = in_order.describe(), shuffled.describe()
    assert sorted(expected.pop("webhook_ids")) == sorted(found.pop("webhook_ids"))
    assert expected == found


def test_the_expectation_sorts_paid_orders_by_how_their_buyer_is_known(many: list[Delivery]) -> None:
    expectation = Expectation()
    for delivery in many:
        expectation.note(delivery)
    told = expectation.describe()
    paid = {i for i, f in told["orders"].items() if f["financial_status"] == "paid" and not f["cancelled_at"]}
    groups = [set(told[f"paid_orders{suffix}"]) for suffix in ("", "_by_customer_id_only", "_of_nobody")]
    assert set.union(*groups) == paid
    assert sum(map(len, groups)) == len(paid)
    assert all(groups)
    assert told["once_paid_orders"]
    assert not set(told["once_paid_orders"]) & paid
