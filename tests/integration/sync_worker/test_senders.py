"""Orders and customers of other senders take the same way as a Shopify shop's."""

from typing import Any

import orjson
import pytest

from shared.envelope import Payload
from shared.errors import Obsolete, Rejected
from shared.tasks import TaskType
from tests.integration.sync_worker.world import Done, World
from tests.unit.sync_worker.senders import standard_customer, standard_order, woo_customer, woo_order

CUSTOMER, ORDER = TaskType.CUSTOMER_WEBHOOK, TaskType.ORDER_WEBHOOK


async def woo(world: World, topic: str, body: dict[str, Any]) -> list[Done]:
    headers = {"x-wc-webhook-topic": topic, "x-wc-webhook-source": "https://acme.example/"}
    return await sent(world, topic, Payload(body=orjson.dumps(body), topic=topic, headers=headers))


async def standard(
    world: World, topic: str, data: dict[str, Any], *, at: str = "2026-11-20T16:15:48Z"
) -> list[Done]:
    body = orjson.dumps({"type": topic, "timestamp": at, "data": data})
    return await sent(world, topic, Payload(body=body, topic=topic, headers={"webhook-id": "msg_1"}))


async def sent(world: World, topic: str, payload: Payload) -> list[Done]:
    """The delivery's task and all that it causes."""
    first = await world.run(CUSTOMER if topic.startswith("customer.") else ORDER, payload)
    done = [first]
    for one in done:
        if one.outcome is not None:
            done += [await world.follow(follow_up) for follow_up in one.outcome.follow_ups]
    return done


def types(done: list[Done]) -> list[TaskType]:
    return [one.task.type for one in done]


async def test_a_woocommerce_order_becomes_a_receipt_and_a_notification(world: World) -> None:
    done = await woo(world, "order.updated", woo_order())
    assert types(done) == [
        ORDER, TaskType.INDEX_ORDER, TaskType.SYNC_ORDER, TaskType.SYNC_ORDER_NOTIFICATION,
    ]  # fmt: skip
    assert [one.error for one in done] == [None] * 4
    (receipt,) = await world.receipts()
    assert receipt["receipt"]["uniqueReceiptId"] == "woocommerce-acme.myshopify.com-727"
    assert receipt["receipt"]["totalGrossPrice"] == 500.0
    assert len(await world.mails()) == 1


async def test_a_sender_without_parcels_tells_with_the_order_that_it_was_shipped(world: World) -> None:
    await woo(world, "order.updated", woo_order())
    await woo(world, "order.updated", woo_order(status="completed", date_modified_gmt="2026-11-21T08:00:00"))
    assert [mail["orderStatus"] for mail in await world.mails()] == ["Created", "Shipped"]


async def test_an_older_woocommerce_order_changes_nothing(world: World) -> None:
    await woo(world, "order.updated", woo_order())
    older = await woo(world, "order.updated", woo_order(date_modified_gmt="2026-11-20T16:15:00", number="0"))
    assert types(older) == [ORDER, TaskType.INDEX_ORDER]
    assert "Older" in str(older[-1].note)


async def test_a_woocommerce_customer_becomes_a_contact_that_stays_deleted(world: World) -> None:
    await woo(world, "customer.created", woo_customer())
    (contact,) = await world.contacts()
    assert contact["externalId"] == "woocommerce-acme.myshopify.com-12"
    await woo(world, "customer.deleted", {"id": 12})
    late = await woo(world, "customer.updated", woo_customer(first_name="Late"))
    assert "deleted" in str(late[-1].note)


async def test_a_draft_is_no_order(world: World) -> None:
    (only,) = await woo(world, "order.created", woo_order(status="checkout-draft"))
    assert isinstance(only.error, Obsolete)


@pytest.mark.parametrize("body", [b"{not json", b"[]", b"{}"])
async def test_what_can_not_be_read_fails_with_a_reason(world: World, body: bytes) -> None:
    payload = Payload(body=body, topic="order.updated", headers={"x-wc-webhook-topic": "order.updated"})
    (only,) = await sent(world, "order.updated", payload)
    assert isinstance(only.error, Rejected)
    assert "order sent by the shop" in only.error.message


async def test_a_generic_customer_and_order_take_the_same_way(world: World) -> None:
    await standard(world, "customer.created", standard_customer())
    done = await standard(world, "order.paid", standard_order())
    assert [one.error for one in done] == [None] * 4
    (contact,) = await world.contacts()
    (receipt,) = await world.receipts()
    assert receipt["contactId"] == contact["id"]
    assert receipt["receipt"]["totalGrossPrice"] == 450.0


async def test_the_messages_time_decides_within_a_second(world: World) -> None:
    await standard(world, "customer.updated", standard_customer(), at="2026-11-20T16:15:47.9Z")
    older = standard_customer(first_name="Older")
    late = await standard(world, "customer.updated", older, at="2026-11-20T16:15:47.1Z")
    assert "Older" in str(late[-1].note)
    deleted = await standard(world, "order.deleted", {"id": "A-17"})
    assert "Deleted" in str(deleted[-1].note)
