"""From the delivery to the stored state: newer wins, deleted stays deleted, and only what matters goes on."""

from typing import Any

import pytest

from shared.envelope import Payload
from shared.errors import Rejected
from shared.identity import new_task_id
from shared.tasks import TaskType
from tests.integration.sync_worker.world import World, delivery
from tests.unit.sync_worker.bodies import CUSTOMER_ID, ORDER_ID, customer_body, order_body

LATER = "2026-11-20T18:00:00+01:00"
EARLIER = "2026-11-20T16:00:00+01:00"


async def test_a_customers_webhook_is_handed_on_as_it_came(world: World) -> None:
    payload = delivery("customers/update", customer_body(), triggered_at="2026-11-20T16:15:47Z")
    done = await world.run(TaskType.CUSTOMER_WEBHOOK, payload)
    (follow_up,) = done.follow_ups
    assert (follow_up.type, follow_up.source_id, follow_up.payload) == (
        TaskType.INDEX_CUSTOMER,
        str(CUSTOMER_ID),
        payload,
    )


async def test_a_new_customer_is_stored_and_goes_to_the_crm(world: World) -> None:
    done = await world.deliver("customers/create", customer_body())
    (follow_up,) = done.follow_ups
    assert (follow_up.type, follow_up.source_id, follow_up.account_id) == (
        TaskType.SYNC_CONTACT,
        str(CUSTOMER_ID),
        world.account_id,
    )
    row = await world.customer_row(CUSTOMER_ID)
    assert (row["data"]["email"], row["deleted_at"]) == ("kim@example.com", None)


async def test_a_new_order_goes_on_as_a_receipt_and_as_a_notification(world: World) -> None:
    done = await world.deliver("orders/paid", order_body())
    assert [(f.type, f.source_id, f.order_number, f.account_id) for f in done.follow_ups] == [
        (TaskType.SYNC_ORDER, str(ORDER_ID), "#1042", world.account_id),
        (TaskType.SYNC_ORDER_NOTIFICATION, str(ORDER_ID), "#1042", world.account_id),
    ]
    row = await world.order_row(ORDER_ID)
    assert (row["order_number"], row["customer_id"]) == ("#1042", str(CUSTOMER_ID))


async def test_the_same_state_again_is_no_work(world: World) -> None:
    await world.deliver("customers/update", customer_body())
    done = await world.deliver("customers/update", customer_body())
    assert (done.note, done.follow_ups) == ("Nothing that matters has changed", ())


async def test_a_change_of_what_does_not_matter_is_no_work_but_moves_the_clock(world: World) -> None:
    await world.deliver("orders/updated", order_body())
    done = await world.deliver("orders/updated", order_body(updated_at=LATER, tags="vip"))
    assert (done.note, done.follow_ups) == ("Nothing that matters has changed", ())
    between = await world.deliver(
        "orders/updated", order_body(updated_at="2026-11-20T17:30:00+01:00", financial_status="pending")
    )
    assert between.note == "Older than what is stored: left as it is"


async def test_an_older_state_never_overwrites_a_newer_one(world: World) -> None:
    await world.deliver("customers/update", customer_body(updated_at=LATER, first_name="New"))
    done = await world.deliver("customers/update", customer_body(updated_at=EARLIER, first_name="Old"))
    assert (done.note, done.follow_ups) == ("Older than what is stored: left as it is", ())
    assert (await world.customer_row(CUSTOMER_ID))["data"]["first_name"] == "New"


async def test_within_one_second_the_trigger_time_decides(world: World) -> None:
    paid, pending = order_body(), order_body(financial_status="pending")
    await world.deliver("orders/paid", paid, triggered_at="2026-11-20T16:15:47.9Z")
    done = await world.deliver("orders/create", pending, triggered_at="2026-11-20T16:15:47.1Z")
    assert done.note == "Older than what is stored: left as it is"
    assert (await world.order_row(ORDER_ID))["data"]["financial_status"] == "paid"


@pytest.mark.parametrize(
    ("kind", "body"),
    [("customers", customer_body(updated_at=LATER)), ("orders", order_body(updated_at=LATER))],
)
async def test_what_was_deleted_never_comes_back(world: World, kind: str, body: dict[str, Any]) -> None:
    topic = f"{kind}/update" if kind == "customers" else f"{kind}/updated"
    await world.deliver(topic, body)
    buried = await world.deliver(f"{kind}/delete", {"id": body["id"]}, triggered_at="2026-11-20T19:00:00Z")
    assert (buried.note or "").startswith("Deleted in the shop")
    again = await world.deliver(topic, body | {"updated_at": "2027-01-01T00:00:00Z"})
    assert (again.note, again.follow_ups) == ("It was deleted in the shop before: left deleted", ())
    row = await (world.customer_row if kind == "customers" else world.order_row)(body["id"])
    assert row["deleted_at"] is not None
    assert row["data"] is None


async def test_a_delete_that_arrives_first_leaves_a_tombstone(world: World) -> None:
    await world.deliver("customers/delete", {"id": CUSTOMER_ID})
    done = await world.deliver("customers/create", customer_body())
    assert done.follow_ups == ()


async def test_an_edited_order_waits_for_its_update(world: World) -> None:
    body = {"order_edit": {"id": 1, "order_id": ORDER_ID, "line_items": {"additions": [], "removals": []}}}
    done = await world.run(TaskType.ORDER_WEBHOOK, delivery("orders/edited", body))
    assert done.outcome is not None
    assert (done.outcome.source_id, done.follow_ups) == (str(ORDER_ID), ())
    assert "follows with orders/updated" in (done.note or "")


async def test_without_a_crm_account_the_note_says_what_is_missing(world: World) -> None:
    await world.set_account(is_active=False)
    done = await world.deliver("customers/create", customer_body())
    assert done.follow_ups == ()
    assert "no active CRM account" in (done.note or "")


async def test_a_persons_retry_hands_an_unchanged_state_on(world: World) -> None:
    """After an account was added, the shop's next state is not needed to send the present one."""
    await world.deliver("customers/create", customer_body())
    retried = await world.run(
        TaskType.INDEX_CUSTOMER,
        delivery("customers/create", customer_body()),
        source_id=str(CUSTOMER_ID),
        retry_of=new_task_id(),
    )
    assert [follow_up.type for follow_up in retried.follow_ups] == [TaskType.SYNC_CONTACT]


async def test_one_shops_state_is_not_anothers(world: World) -> None:
    await world.deliver("customers/create", customer_body(updated_at=LATER))
    other = await world.pool.fetchval(
        "INSERT INTO store.shops (domain, name, email, data_key) VALUES ('b.myshopify.com', 'B', 'b@x', '') "
        "RETURNING id"
    )
    done = await world.run(
        TaskType.INDEX_CUSTOMER,
        delivery("customers/create", customer_body(updated_at=EARLIER)),
        source_id=str(CUSTOMER_ID),
        shop_id=other,
    )
    assert "no active CRM account" in (done.note or "")
    query = "SELECT count(*) FROM store.customers WHERE shop_id = $1"
    assert await world.pool.fetchval(query, other) == 1


@pytest.mark.parametrize("task_type", [TaskType.CUSTOMER_WEBHOOK, TaskType.ORDER_WEBHOOK])
@pytest.mark.parametrize(
    ("payload", "words"),
    [
        (delivery(None, {}), "names no topic"),
        (delivery("x/update", b"{"), "is not JSON"),
        (delivery("x/update", {"email": "kim@example.com"}), "has no field 'id'"),
    ],
)
async def test_an_unusable_delivery_is_rejected_in_plain_words(
    world: World, task_type: TaskType, payload: Payload, words: str
) -> None:
    done = await world.run(task_type, payload)
    assert isinstance(done.error, Rejected)
    assert words in done.error.message
    assert "kim@" not in done.error.message
