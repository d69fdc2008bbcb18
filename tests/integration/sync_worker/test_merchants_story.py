"""A seeded merchant sells, ships, cancels and refunds: afterwards the CRM's books agree with the shop's."""

import random
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import orjson
import pytest

from sandbox.shopify.delivery import Delivery, Sender
from sandbox.shopify.generator import Shop
from sandbox.shopify.topics import STORY_TOPICS
from tests.integration.sync_worker.telling import Postbox
from tests.integration.sync_worker.world import STORE_ID, World

TOPICS = {topic for topic in STORY_TOPICS if topic.startswith(("orders/", "fulfillments/", "refunds/"))}
TOPICS -= {"orders/delete", "orders/edited"}
DELIVERIES = 160
Books = dict[tuple[str, str], Decimal]


def story(seed: int) -> list[Delivery]:
    shop = Shop(Sender("acme.myshopify.com", "secret"), seed=f"books-{seed}", topics=TOPICS)
    return shop.take(DELIVERIES, start=datetime(2026, 11, 20, tzinfo=UTC), step=timedelta(minutes=5))


def scrambled(deliveries: list[Delivery], seed: int) -> list[Delivery]:
    """Each up to twenty places away from its own, a quarter of them twice."""
    chance = random.Random(seed)
    doubled = deliveries + [delivery for delivery in deliveries if chance.random() < 0.25]
    places = {id(delivery): place for place, delivery in enumerate(deliveries)}
    return sorted(doubled, key=lambda delivery: places[id(delivery)] + chance.uniform(0, 20))


def newest(deliveries: list[Delivery], topic: str, key: str) -> list[dict[str, Any]]:
    """The last state of each thing the topics tell of."""
    states: dict[Any, dict[str, Any]] = {}
    for delivery in deliveries:
        if delivery.topic.startswith(topic):
            body = orjson.loads(delivery.body)
            states[body[key]] = body
    return list(states.values())


async def books(world: World) -> Books:
    """How many of each line of each order the CRM holds as bought and not given back, in items and money."""
    held: Books = defaultdict(Decimal)
    for receipt in await world.receipts():
        order_id = receipt["uniqueReceiptId"].split("-")[1]
        assert receipt["times_different"] == 0
        for item in receipt["receipt"]["items"]:
            sign = -1 if item["type"] == "RETURN" else 1
            held[order_id, "items"] += item["quantity"]
            held[order_id, "money"] += sign * Decimal(repr(item["grossPaidPrice"]))
    return held


def is_reachable(order: dict[str, Any]) -> bool:
    buyer = order["customer"] or {}
    return bool(order["email"] or order["phone"] or buyer)


def goods_back(refund: dict[str, Any]) -> int:
    """How many items came back for money."""
    paid = any(move["kind"] == "refund" for move in refund["transactions"])
    return sum(line["quantity"] for line in refund["refund_line_items"]) if paid else 0


@pytest.mark.parametrize("receipts_on", ["payment", "fulfilment"])
@pytest.mark.parametrize("seed", [1, 2])
async def test_the_crm_ends_up_with_what_was_bought_and_kept(
    world: World, receipts_on: str, seed: int
) -> None:
    await world.set_account(settings={"store_external_id": STORE_ID, "receipts_on": receipts_on})
    deliveries, postbox = story(seed), Postbox(world)
    for delivery in scrambled(deliveries, seed):
        await postbox.take(delivery.topic, orjson.loads(delivery.body))
    await postbox.finish()
    assert [done.error for done in postbox.failed] == []

    held = await books(world)
    refunds: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for refund in newest(deliveries, "refunds/", "id"):
        refunds[refund["order_id"]].append(refund)
    parcels = newest(deliveries, "fulfillments/", "id")
    for order in newest(deliveries, "orders/", "id"):
        paid = order["financial_status"] in ("paid", "partially_refunded", "refunded")
        sold = order["line_items"] if paid and is_reachable(order) else []
        bought = sum(line["quantity"] for line in sold)
        if receipts_on == "fulfilment":
            sent = [parcel for parcel in parcels if parcel["order_id"] == order["id"]] if sold else []
            bought = sum(line["quantity"] for parcel in sent for line in parcel["line_items"])
        back = sum(goods_back(refund) for refund in refunds[order["id"]]) if bought else 0
        assert held[str(order["id"]), "items"] == bought - back, order["name"]
        assert held[str(order["id"]), "money"] >= 0
        if bought == back:
            assert held[str(order["id"]), "money"] == 0
    counts = await world.counts()
    assert counts["receipts"] >= 15
    assert (counts["receipts_different"], counts["stores_created_by_accident"]) == (0, 0)
