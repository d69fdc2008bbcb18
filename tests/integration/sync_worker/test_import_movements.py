"""Parcels and refunds of an imported past: stored as webhooks tell them, and made up for in the CRM."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import pytest

from shared.errors import Unavailable
from shared.tasks import Lane, TaskType
from sync_worker.clients.movements import movements
from sync_worker.handlers.imports import BROKE_OFF, BUDGET
from sync_worker.imports.movements import GONE
from sync_worker.imports.pages import Ask
from sync_worker.imports.slices import Slice
from sync_worker.imports.staging import stage
from sync_worker.imports.working import CrmWants, work
from sync_worker.mapping.nodes import Node
from sync_worker.store import imports
from tests.factories import header
from tests.integration.sync_worker import importing
from tests.integration.sync_worker.importing import T, begin, step, walk, whole_import
from tests.integration.sync_worker.storefront import Storefront
from tests.integration.sync_worker.telling import receive
from tests.integration.sync_worker.world import STORE_ID, Done, World

PAST = {"orders": 60, "lines_per_order": 2, "refund_every": 6, "split_every": 4}
LINES = [{"sku": "G4C-000001", "quantity": 2}, {"sku": "TRI-000001", "quantity": 1}]
KNOWN = "Nothing that matters has changed"


async def held(world: World) -> dict[str, int]:
    """How many parcels and refunds are stored, and how many items they hold."""
    items = "coalesce(sum((line ->> 'quantity')::int), 0)::int"
    parcels = "store.fulfilments f, jsonb_array_elements(f.data -> 'line_items') line"
    refunds = "store.refunds r, jsonb_array_elements(r.data -> 'refund_line_items') line"
    queries = {
        "parcels": "SELECT count(*)::int FROM store.fulfilments",
        "items sent": f"SELECT {items} FROM {parcels}",
        "refunds": "SELECT count(*)::int FROM store.refunds",
        "items back": f"SELECT {items} FROM {refunds}",
    }
    return {name: await world.pool.fetchval(query) for name, query in queries.items()}


async def ordered(world: World) -> dict[str, int]:
    """What the orders say of the same: what was sent is all of them that are fulfilled."""
    query = """
        SELECT sum(items) FILTER (WHERE data ->> 'fulfillment_status' = 'fulfilled')::int AS sent,
               count(*) FILTER (WHERE jsonb_array_length(data -> 'refunds') > 0)::int AS refunded
        FROM store.orders o, LATERAL (
            SELECT sum((line ->> 'quantity')::int) AS items
            FROM jsonb_array_elements(o.data -> 'line_items') line
        ) counted
    """
    row = await world.pool.fetchrow(query)
    assert row is not None
    return {"items sent": row["sent"], "refunds": row["refunded"], "items back": row["refunded"]}


async def asked(storefront: Storefront) -> int:
    """How often the shop was asked for movements."""
    return sum("query Movements" in str(request) for request in await storefront.requests())


async def processing(world: World, storefront: Storefront) -> tuple[Any, Done, Any]:
    """An import of the past whose export is there, and the task that is to take it over."""
    await storefront.say("PUT", "volume", **PAST)
    import_id, begun = await begin(world, "orders")
    way = await walk(world, begun, until=T.PROCESS_BULK_IMPORT_DATA)
    (follow_up,) = way.last.follow_ups
    return import_id, way.last, follow_up


async def run_all(world: World, causes: list[Any]) -> list[Done]:
    """The tasks and all that they cause."""
    waiting, done = list(causes), []
    while waiting:
        ended = await world.follow(waiting.pop(0))
        assert ended.error is None, ended.error
        waiting += ended.follow_ups
        done.append(ended)
    return done


@pytest.mark.parametrize("order", ["grouped", "children_last"])
async def test_a_past_comes_with_its_parcels_and_refunds(
    world: World, storefront: Storefront, order: str
) -> None:
    await storefront.say("PATCH", "admin", bulk_order=order)
    await storefront.say("PUT", "volume", **PAST)
    found, _ = await whole_import(world, "orders")
    stored, told = await held(world), await ordered(world)
    assert told.items() <= stored.items()
    assert stored["refunds"] >= 5
    counts = found["summary"]["orders"]
    assert (counts["parcels"], counts["refunds"]) == (stored["parcels"], stored["refunds"])
    assert (found["processed"], found["failed"]) == (60, 0)


async def test_ordinary_orders_need_no_question(world: World, storefront: Storefront) -> None:
    await storefront.say("PUT", "volume", orders=60, lines_per_order=3)
    await whole_import(world, "orders")
    assert (await held(world))["parcels"] > 30
    assert await asked(storefront) == 0


async def _bought_at_home(storefront: Storefront) -> dict[str, Any]:
    """Paid in the shop's own currency: else webhook and Admin API tell payments in different ones."""
    while True:
        order = await storefront.buy(lines=LINES)
        if order["presentment_currency"] == order["currency"]:
            return order


async def test_movements_are_imported_as_webhooks_tell_them(world: World, storefront: Storefront) -> None:
    order = await _bought_at_home(storefront)
    for deed, how in (("ship", {"partly": True}), ("ship", {}), ("refund", {"kind": "both"})):
        await storefront.say("POST", f"orders/{order['id']}/{deed}", **how, tell=False)
    await whole_import(world, "orders")
    body = await storefront.say("GET", f"orders/{order['id']}")
    assert (await world.deliver("orders/updated", body)).note == KNOWN
    assert len(body["fulfillments"]) == 2
    for parcel in body["fulfillments"]:
        assert (await receive(world, "fulfillments/update", parcel)).note == KNOWN
    (refund,) = body["refunds"]
    (indexing,) = (await receive(world, "refunds/create", refund)).follow_ups
    assert (await world.follow(indexing)).note == KNOWN


@pytest.mark.parametrize("receipts_on", ["payment", "fulfilment"])
async def test_the_crms_books_agree_with_the_imported_past(
    world: World, storefront: Storefront, receipts_on: str
) -> None:
    await world.set_account(settings={"store_external_id": STORE_ID, "receipts_on": receipts_on})
    await storefront.say("PUT", "volume", **PAST | {"orders": 24})
    _, way = await whole_import(world, "orders")
    assert {(one.type, one.lane) for one in way.for_crm} == {(TaskType.SYNC_ORDER, Lane.SYNC_BULK)}
    await run_all(world, way.for_crm)
    items: Counter[str] = Counter()
    for receipt in await world.receipts():
        for item in receipt["receipt"]["items"]:
            items[item["type"]] += item["quantity"]
    query = "SELECT data FROM store.orders WHERE data ->> 'financial_status' <> 'pending'"
    paid = [row["data"] for row in await world.pool.fetch(query)]
    sent = [one for one in paid if one.get("fulfillment_status") == "fulfilled"]
    bought = sent if receipts_on == "fulfilment" else paid
    assert items["PURCHASE"] == sum(line["quantity"] for one in bought for line in one["line_items"])
    returned = [one for one in bought if one["refunds"]]
    assert -items["RETURN"] == len(returned) > 0
    assert await world.mails() == []


async def test_what_is_known_already_is_told_only_where_it_has_changed(
    world: World, storefront: Storefront
) -> None:
    buyer = await storefront.say("POST", "customers", first_name="Kim", email="kim@b.example", tell=False)
    order = await storefront.buy(paid=True, customer_id=buyer["id"])
    await world.deliver("orders/paid", await storefront.say("GET", f"orders/{order['id']}"))
    await storefront.say("POST", f"orders/{order['id']}/refund", kind="both", tell=False)
    _, way = await whole_import(world, "orders")
    assert [one.type for one in way.for_crm] == [TaskType.SYNC_ORDER, TaskType.SYNC_REFUND]
    assert {one.order_number for one in way.for_crm} == {order["name"]}
    await run_all(world, way.for_crm)
    _, again = await whole_import(world, "orders")
    assert again.for_crm == []


async def test_a_budget_that_is_used_up_makes_the_import_wait_and_costs_nothing(
    world: World, storefront: Storefront
) -> None:
    import_id, cause, follow_up = await processing(world, storefront)
    await storefront.say("PATCH", "admin", bucket_size=1200, restore_rate=1)
    await storefront.say("PUT", "admin/bucket", available=1200)
    await world.pool.execute("UPDATE store.budgets SET available = 1200, capacity = 1200, per_second = 1")
    done = await step(world, cause, follow_up)
    (waiting,) = done.follow_ups
    assert (done.note, waiting.type, waiting.delay_ms > 10_000) == (BUDGET, T.PROCESS_BULK_IMPORT_DATA, True)
    assert 0 < (await importing.row(world, import_id))["processed"] < 60
    await storefront.say("PATCH", "admin", bucket_size=2000, restore_rate=1000)
    await world.pool.execute("DELETE FROM store.budgets")
    await _ends_exactly(world, import_id, done)


async def test_a_shop_that_can_not_be_asked_is_asked_again(world: World, storefront: Storefront) -> None:
    import_id, cause, follow_up = await processing(world, storefront)
    rule = {"system": "shopify", "route": "*", "operation": "nodes", "fault": "unavailable"}
    (await world.control.put("/faults", json=[rule])).raise_for_status()
    done = await step(world, cause, follow_up)
    assert done.note == BROKE_OFF
    (await world.control.delete("/faults")).raise_for_status()
    await _ends_exactly(world, import_id, done)


async def test_what_breaks_off_in_the_middle_goes_on_at_its_page(
    world: World, storefront: Storefront
) -> None:
    import_id, cause, follow_up = await processing(world, storefront)
    job = await imports.find(world.pool, import_id, world.shop_id)
    assert job is not None
    job = await stage(world.pool, world.systems.exports, job, Slice())
    with pytest.raises(Unavailable):
        await work(
            world.pool, job, Slice(), crm=CrmWants(world.account_id), ask=await _gone_after(world, pages=2)
        )
    assert 0 < (await importing.row(world, import_id))["processed"] < 60
    await _ends_exactly(world, import_id, await step(world, cause, follow_up))


async def _gone_after(world: World, *, pages: int) -> Ask:
    """The shop, which answers so often and then is away."""
    admin = await world.systems.shops.open(world.pool, header(shop_id=world.shop_id))
    left = [pages]

    async def ask(gids: Sequence[str]) -> Mapping[str, Node]:
        if not left[0]:
            raise Unavailable("The shop is away")
        left[0] -= 1
        return await movements(admin, gids)

    return ask


async def _ends_exactly(world: World, import_id: UUID, done: Done) -> None:
    await walk(world, done)
    found, stored = await importing.row(world, import_id), await held(world)
    assert (found["state"], found["processed"], found["failed"]) == ("finished", 60, 0)
    counts = found["summary"]["orders"]
    assert (counts["parcels"], counts["refunds"]) == (stored["parcels"], stored["refunds"])
    assert (await ordered(world)).items() <= stored.items()


async def test_an_order_that_is_gone_when_it_is_asked_for_is_named(
    world: World, storefront: Storefront
) -> None:
    order = await storefront.buy(lines=LINES)
    await storefront.say("POST", f"orders/{order['id']}/refund", kind="both", tell=False)
    import_id, begun = await begin(world, "orders")
    way = await walk(world, begun, until=T.PROCESS_BULK_IMPORT_DATA)
    await storefront.say("POST", f"orders/{order['id']}/delete", tell=False)
    await walk(world, await step(world, way.last, way.last.follow_ups[0]))
    (failure,) = await importing.failures(world, import_id)
    assert (failure["object_id"], failure["reason"]) == (order["admin_graphql_api_id"], GONE)
