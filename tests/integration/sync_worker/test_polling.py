"""What webhooks did not tell is found by asking the shop, counted, and handed on like a delivery."""

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import Any

import orjson
import pytest

from shared.envelope import Payload, utc_now
from shared.errors import Misconfigured, RateLimited, Rejected
from shared.handling import FollowUp
from shared.polls import wish_since
from shared.tasks import Lane, TaskType
from sync_worker.clients import shop_reading
from sync_worker.clients.shop_reading import Kind, changed, whole
from sync_worker.freshness import content_hash
from sync_worker.handlers.polling import ANOTHER
from sync_worker.polling.found import found_customer, found_order
from sync_worker.shopify.customers import Customer
from sync_worker.shopify.orders import Order
from sync_worker.shopify.reading import read
from tests.factories import header
from tests.integration.sync_worker.storefront import Storefront
from tests.integration.sync_worker.world import Done, World, delivery
from tests.waiting import eventually


@pytest.fixture
def patient(world: World) -> World:
    """Rules as they are unless somebody changes them: a webhook may take minutes."""
    return world


@pytest.fixture
async def hasty(world: World, storefront: Storefront) -> World:
    """What has not been told by now counts as missed."""
    await be_hasty(world, storefront)
    return world


async def be_hasty(world: World, storefront: Storefront) -> None:
    statement = "UPDATE store.accounts SET settings = $1 WHERE id = $2"
    await world.pool.execute(statement, {"poll_grace_s": 0}, storefront.account_id)


async def poll(world: World, storefront: Storefront, kind: Kind = Kind.ORDERS) -> Done:
    type_ = TaskType.INDEX_ORDERS if kind is Kind.ORDERS else TaskType.INDEX_SHOP_CUSTOMERS
    return await world.run(type_, account_id=storefront.account_id)


async def poll_to_the_end(world: World, storefront: Storefront) -> list[Done]:
    done = [await poll(world, storefront)]
    while any(one.type is TaskType.INDEX_ORDERS for one in done[-1].follow_ups):
        done.append(await poll(world, storefront))
    return done


async def found_in_time(world: World, storefront: Storefront, count: int) -> list[FollowUp]:
    """The sandbox dates each further change of a thing a second later, so that none is lost among equals."""
    found: list[FollowUp] = []

    async def is_found() -> bool:
        found.extend((await poll(world, storefront)).follow_ups)
        return len(found) >= count

    await eventually(is_found)
    return found


async def missed(world: World) -> dict[str, int]:
    rows = await world.pool.fetch("SELECT kind, sum(n)::int AS n FROM store.missed_webhooks GROUP BY 1")
    return {row["kind"]: row["n"] for row in rows}


def types(done: Done) -> Counter[TaskType]:
    return Counter(follow_up.type for follow_up in done.follow_ups)


async def test_an_order_nobody_told_of_is_counted_and_handed_on(hasty: World, storefront: Storefront) -> None:
    order = await storefront.buy()
    done = await poll(hasty, storefront)
    (follow_up,) = done.follow_ups
    assert (follow_up.type, follow_up.source_id) == (TaskType.INDEX_ORDER, str(order["id"]))
    assert (follow_up.order_number, follow_up.lane) == (order["name"], Lane.SYNC_BULK)
    assert await missed(hasty) == {"orders": 1}
    indexed = await hasty.follow(follow_up)
    assert {one.type for one in indexed.follow_ups} >= {TaskType.SYNC_ORDER, TaskType.SYNC_ORDER_NOTIFICATION}
    assert (await hasty.order_row(order["id"]))["order_number"] == order["name"]


async def test_an_order_that_was_told_of_is_not_missed(hasty: World, storefront: Storefront) -> None:
    await hasty.deliver("orders/create", await storefront.buy())
    done = await poll(hasty, storefront)
    assert (done.follow_ups, await missed(hasty)) == ((), {})
    assert done.outcome is not None
    assert done.outcome.items_processed == 1


async def test_a_webhook_that_may_still_come_is_not_missed_yet(
    patient: World, storefront: Storefront
) -> None:
    await storefront.buy()
    assert (await poll(patient, storefront)).follow_ups == ()
    assert await missed(patient) == {}
    await be_hasty(patient, storefront)
    assert types(await poll(patient, storefront)) == {TaskType.INDEX_ORDER: 1}


async def test_a_change_that_matters_to_nobody_is_not_missed(hasty: World, storefront: Storefront) -> None:
    order = await storefront.buy()
    older = {**order, "updated_at": "2026-11-20T10:00:00Z"}
    await hasty.deliver("orders/create", older)
    assert (await poll(hasty, storefront)).follow_ups == ()
    assert await missed(hasty) == {}


async def test_the_deleted_is_not_found_again(hasty: World, storefront: Storefront) -> None:
    order = await storefront.buy()
    await hasty.deliver("orders/delete", {"id": order["id"]})
    assert (await poll(hasty, storefront)).follow_ups == ()


async def test_what_was_found_never_overwrites_what_is_newer(hasty: World, storefront: Storefront) -> None:
    order = await storefront.buy()
    (follow_up,) = (await poll(hasty, storefront)).follow_ups
    later = (utc_now() + timedelta(seconds=5)).isoformat()
    await hasty.deliver("orders/updated", {**order, "updated_at": later, "email": "new@example.com"})
    assert (await hasty.follow(follow_up)).note == "Older than what is stored: left as it is"
    assert (await hasty.order_row(order["id"]))["data"]["email"] == "new@example.com"


async def test_what_the_poll_found_is_not_new_when_its_webhook_comes_late(
    hasty: World, storefront: Storefront
) -> None:
    order = await storefront.buy()
    (follow_up,) = (await poll(hasty, storefront)).follow_ups
    await hasty.follow(follow_up)
    assert (await hasty.deliver("orders/create", order)).note == "Nothing that matters has changed"


async def test_what_was_handed_on_is_not_found_again_before_it_is_stored(
    hasty: World, storefront: Storefront
) -> None:
    order = await storefront.buy()
    assert types(await poll(hasty, storefront)) == {TaskType.INDEX_ORDER: 1}
    assert (await poll(hasty, storefront)).follow_ups == ()
    await storefront.say("POST", f"orders/{order['id']}/ship", tell=False)
    found = await found_in_time(hasty, storefront, 2)
    assert {one.type for one in found} == {TaskType.INDEX_ORDER, TaskType.FULFILLMENT_WEBHOOK}
    assert await missed(hasty) == {"orders": 2, "fulfillments": 1}


async def test_what_never_came_of_it_is_found_again_when_an_earlier_moment_is_wished(
    hasty: World, storefront: Storefront
) -> None:
    before, order = utc_now(), await storefront.buy()
    await found_in_time(hasty, storefront, 1)
    assert (await poll(hasty, storefront)).follow_ups == ()
    wish = Payload(body=wish_since(before - timedelta(minutes=1)))
    again = await hasty.run(TaskType.INDEX_ORDERS, wish, account_id=storefront.account_id)
    assert [(one.type, one.source_id) for one in again.follow_ups] == [
        (TaskType.INDEX_ORDER, str(order["id"]))
    ]
    await hasty.follow(again.follow_ups[0])
    again = await hasty.run(TaskType.INDEX_ORDERS, wish, account_id=storefront.account_id)
    assert again.follow_ups == ()


async def test_a_missed_customer_is_found(hasty: World, storefront: Storefront) -> None:
    customer = await storefront.say("POST", "customers", first_name="Kim", tell=False)
    done = await poll(hasty, storefront, Kind.CUSTOMERS)
    (follow_up,) = done.follow_ups
    assert (follow_up.type, follow_up.source_id) == (TaskType.INDEX_CUSTOMER, str(customer["id"]))
    assert await missed(hasty) == {"customers": 1}
    await hasty.follow(follow_up)
    assert (await hasty.customer_row(customer["id"]))["data"]["first_name"] == "Kim"


async def test_refunds_and_parcels_are_missed_by_themselves(hasty: World, storefront: Storefront) -> None:
    order = await storefront.buy()
    await storefront.say("POST", f"orders/{order['id']}/ship", tell=False)
    await storefront.say("POST", f"orders/{order['id']}/refund", kind="both", tell=False)
    await hasty.deliver("orders/updated", await storefront.say("GET", f"orders/{order['id']}"))
    found = await found_in_time(hasty, storefront, 2)
    assert [one.type for one in found] == [TaskType.FULFILLMENT_WEBHOOK, TaskType.INDEX_REFUND]
    assert await missed(hasty) == {"fulfillments": 1, "refunds": 1}
    for follow_up in found:
        assert (await hasty.follow(follow_up)).error is None
    assert (await poll(hasty, storefront)).follow_ups == ()


async def test_a_parcel_of_many_lines_is_read_to_its_end(hasty: World, storefront: Storefront) -> None:
    order = await storefront.buy(lines=[{"sku": "G4C-000001", "quantity": 1}] * 105)
    await storefront.say("POST", f"orders/{order['id']}/ship", tell=False)
    found = await found_in_time(hasty, storefront, 2)
    (parcel,) = [one for one in found if one.type is TaskType.FULFILLMENT_WEBHOOK]
    assert len(orjson.loads(parcel.payload.body)["line_items"]) == 105
    (indexed,) = [one for one in found if one.type is TaskType.INDEX_ORDER]
    assert len(orjson.loads(indexed.payload.body)["line_items"]) == 105


async def test_history_from_before_the_account_is_not_missed(hasty: World, storefront: Storefront) -> None:
    await storefront.buy()
    await hasty.pool.execute("UPDATE store.accounts SET created_at = now() + interval '1 minute'")
    done = await poll(hasty, storefront)
    assert (done.follow_ups, await missed(hasty)) == ((), {})


async def test_many_pages_are_read_once_and_only_once(
    hasty: World, storefront: Storefront, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shop_reading, "PAGE", 2)
    monkeypatch.setattr("sync_worker.handlers.polling.SLICE_FOUND", 3)
    bought = {str((await storefront.buy())["id"]) for _ in range(7)}
    done = await poll_to_the_end(hasty, storefront)
    found = [
        str(one.source_id) for part in done for one in part.follow_ups if one.type is TaskType.INDEX_ORDER
    ]
    assert (sorted(found), len(done)) == (sorted(bought), 2)
    assert await missed(hasty) == {"orders": 7}


async def test_of_two_polls_at_once_one_is_enough(hasty: World, storefront: Storefront) -> None:
    await storefront.buy()
    await hasty.pool.execute(
        "CREATE FUNCTION late() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN PERFORM pg_sleep(0.2); RETURN NEW; END $$; "
        "CREATE TRIGGER late BEFORE INSERT OR UPDATE ON store.schedules FOR EACH ROW EXECUTE FUNCTION late()"
    )
    one, other = await asyncio.gather(poll(hasty, storefront), poll(hasty, storefront))
    assert sorted(len(done.follow_ups) for done in (one, other)) == [0, 1]
    assert ANOTHER in (one.note, other.note)
    assert await missed(hasty) == {"orders": 1}


async def test_a_used_up_budget_ends_the_slice_and_says_when_to_go_on(
    hasty: World, storefront: Storefront, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shop_reading, "PAGE", 2)
    for _ in range(6):
        await storefront.buy()
    await poll(hasty, storefront)
    await hasty.pool.execute("UPDATE store.schedules SET cursor = NULL")
    await storefront.say("PATCH", "admin", bucket_size=600, restore_rate=10)
    await storefront.say("PUT", "admin/bucket", available=300)
    done = await poll(hasty, storefront)
    (going_on,) = (one for one in done.follow_ups if one.type is TaskType.INDEX_ORDERS)
    assert done.error is None
    assert going_on.delay_ms > 2000
    assert types(done)[TaskType.INDEX_ORDER] >= 2


async def test_a_page_that_costs_more_than_a_full_budget_is_read_all_the_same(
    hasty: World, storefront: Storefront
) -> None:
    for _ in range(6):
        await storefront.buy()
    await storefront.say("PATCH", "admin", bucket_size=250, restore_rate=15)
    await storefront.say("PUT", "admin/bucket", available=250)
    done = await poll(hasty, storefront)
    assert done.error is None
    assert types(done)[TaskType.INDEX_ORDER] == 6


async def test_an_empty_bucket_makes_the_account_wait_exactly_as_long_as_it_needs(
    hasty: World, storefront: Storefront
) -> None:
    await storefront.say("PATCH", "admin", bucket_size=1000, restore_rate=10)
    await storefront.say("PUT", "admin/bucket", available=0)
    done = await poll(hasty, storefront)
    assert isinstance(done.error, RateLimited)
    assert done.error.after is not None
    assert timedelta(seconds=3) < done.error.after <= timedelta(seconds=3.5)


async def test_a_search_the_shop_does_not_understand_is_a_failure_and_not_everything(
    hasty: World, storefront: Storefront, monkeypatch: pytest.MonkeyPatch
) -> None:
    await storefront.buy()
    document = shop_reading._CHANGED[Kind.ORDERS]
    odd = replace(document, text=document.text.replace("query: $query", 'query: "changed_at:>=yesterday"'))
    used = "n: ordersCount(query: $query) { count }\n  changed: "
    odd = replace(odd, text=odd.text.replace("changed: ", used))
    monkeypatch.setitem(shop_reading._CHANGED, Kind.ORDERS, odd)
    done = await poll(hasty, storefront)
    assert isinstance(done.error, Rejected)
    assert "did not understand" in str(done.error)
    assert await missed(hasty) == {}


async def test_a_refused_token_is_the_accounts_problem(hasty: World, storefront: Storefront) -> None:
    await storefront.control.put(f"/shops/{storefront.domain}", json={"access_token": "another"})
    await storefront.say("POST", "install", access_token="another")
    assert isinstance((await poll(hasty, storefront)).error, Misconfigured)


async def test_an_edited_order_is_fetched(hasty: World, storefront: Storefront) -> None:
    order = await storefront.buy()
    body = {"order_edit": {"id": 1, "order_id": order["id"]}}
    done = await hasty.run(TaskType.ORDER_WEBHOOK, delivery("orders/edited", body))
    (follow_up,) = done.follow_ups
    assert (follow_up.type, follow_up.lane) == (TaskType.INDEX_ORDER, None)
    assert orjson.loads(follow_up.payload.body)["name"] == order["name"]


async def test_an_order_reads_the_same_asked_for_as_told(hasty: World, storefront: Storefront) -> None:
    customer = await storefront.say("POST", "customers", first_name="Kim", last_name="Berg", tell=False)
    order = await storefront.buy(customer_id=customer["id"], shipping_price="49.00")
    await storefront.say("POST", f"orders/{order['id']}/ship", partly=True, tell=False)
    await storefront.say("POST", f"orders/{order['id']}/refund", kind="both", partly=True, tell=False)
    told = await storefront.say("GET", f"orders/{order['id']}")
    (asked,) = await _nodes(hasty, storefront, Kind.ORDERS)
    state = found_order(asked, read_at=utc_now())
    one, other = read(Order, state.payload.body, what="x"), read(Order, orjson.dumps(told), what="x")
    assert _plain(one) == _plain(other)
    assert state.content_hash() == content_hash(other)


async def test_a_customer_reads_the_same_asked_for_as_told(hasty: World, storefront: Storefront) -> None:
    told = await storefront.say("POST", "customers", first_name="Kim", last_name="Berg", tell=False)
    (asked,) = await _nodes(hasty, storefront, Kind.CUSTOMERS)
    state = found_customer(asked, read_at=utc_now())
    assert state.content_hash() == content_hash(read(Customer, orjson.dumps(told), what="x"))


def _plain(order: Order) -> dict[str, Any]:
    return order.model_dump(exclude={"customer": {"updated_at"}})


async def _nodes(world: World, storefront: Storefront, kind: Kind) -> list[Any]:
    task = header(type=TaskType.INDEX_ORDERS, shop_id=world.shop_id, account_id=storefront.account_id)
    admin = await world.systems.shops.open(world.pool, task)
    page = await changed(admin, kind, since=utc_now() - timedelta(hours=1), after=None)
    return await whole(admin, kind, [change.gid for change in page.changes])
