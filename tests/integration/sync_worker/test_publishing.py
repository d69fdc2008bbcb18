"""An order reaches its supplier once, whatever happens on the way, and the shop's order says so."""

from typing import Any

import httpx
import orjson
import pytest

from shared.errors import (
    Misconfigured,
    RateLimited,
    Rejected,
    Retryable,
    TaskError,
    Unavailable,
    UnknownOutcome,
)
from shared.identity import new_task_id
from shared.tasks import TaskType
from tests.integration.sync_worker.supplying import (
    ADDRESS,
    Supplying,
    example,
    supplied_order,
    supplying,
)
from tests.integration.sync_worker.world import Done, World
from tests.unit.sync_worker.bodies import ORDER_ID, line_body, order_body

GATE, TRINAVO = "gate4cards", "trinavo"
PLACE = {GATE: "POST /gate4cards/api/v1/orders", TRINAVO: "POST /trinavo/shop/purchase-orders"}
FIRST_SKU = {GATE: "G4C-000001", TRINAVO: "TRI-000001"}
REFERENCE = {GATE: "ORD-100001", TRINAVO: "TN-100001"}


async def stocked(world: World, name: str = GATE, *, called: str = "Primary", **settings: Any) -> Supplying:
    """A supplier whose products we know."""
    supplier = await supplying(world, name, called=called)
    await supplier.settle(**settings)
    done = await supplier.run(TaskType.UPDATE_PRODUCTS)
    assert done.outcome is not None, done.error
    return supplier


async def arrived(world: World, *skus: str, **changes: Any) -> Done:
    """The order's webhook, indexed."""
    return await world.deliver("orders/paid", supplied_order(*skus, **changes))


def publications(done: Done) -> list[int | None]:
    """The accounts that get the order by themselves."""
    return [follow_up.account_id for follow_up in done.follow_ups if follow_up.type is TaskType.PUBLISH_ORDER]


@pytest.mark.parametrize("name", [GATE, TRINAVO])
async def test_success_is_the_suppliers_reference(world: World, name: str) -> None:
    supplier = await stocked(world, name)
    await arrived(world, FIRST_SKU[name], "MUG-1")
    done = await supplier.publish(ORDER_ID)
    assert done.outcome is not None, done.error
    assert (done.outcome.target_id, done.outcome.summary) == (REFERENCE[name], {"lines": 1, "pieces": 2})
    (theirs,) = await supplier.orders()
    assert (theirs["po_number"], theirs["items"]) == ("1042", [[FIRST_SKU[name], 2]])
    (ours,) = await supplier.placed()
    assert (ours["supplier_reference"], ours["order_number"], ours["status"]) == (
        REFERENCE[name],
        "#1042",
        "placed",
    )
    assert ours["skus"] == [FIRST_SKU[name]]


async def test_the_recipient_is_written_where_the_format_says(world: World) -> None:
    gate, trinavo = await stocked(world), await stocked(world, TRINAVO)
    await arrived(world, FIRST_SKU[GATE], FIRST_SKU[TRINAVO])
    await gate.publish(ORDER_ID)
    await trinavo.publish(ORDER_ID)
    ((first,), (second,)) = await gate.orders(), await trinavo.orders()
    assert first["recipient"] == {
        "name": "Kim Åberg",
        "email": "kim@example.com",
        "phone": ADDRESS["phone"],
        "address": {"street": "Storgatan 1", "zip": "211 34", "city": "Malmö", "country": "SE"},
    }
    assert (second["recipient"]["last_name"], second["recipient"]["town"]) == ("Åberg", "Malmö")


async def test_a_new_paid_order_goes_out_by_itself(world: World) -> None:
    gate, trinavo = await stocked(world), await stocked(world, TRINAVO, retry_policy="patient")
    done = await arrived(world, FIRST_SKU[GATE], FIRST_SKU[TRINAVO], "MUG-1")
    assert sorted(publications(done), key=str) == [gate.account_id, trinavo.account_id]
    policies = {follow_up.account_id: follow_up.retry_policy for follow_up in done.follow_ups}
    assert policies[trinavo.account_id] == "patient"
    for follow_up in done.follow_ups:
        if follow_up.type is TaskType.PUBLISH_ORDER:
            assert follow_up.order_number == "#1042"
            assert (await world.follow(follow_up)).outcome is not None
    assert len(await gate.orders()) == len(await trinavo.orders()) == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"financial_status": "pending"},
        {"cancelled_at": "2026-11-20T18:00:00+01:00"},
        {"fulfillment_status": "fulfilled"},
        {"test": True},
    ],
    ids=lambda changes: next(iter(changes)),
)
async def test_what_no_supplier_may_get_stays_here(world: World, changes: dict[str, Any]) -> None:
    supplier = await stocked(world)
    assert publications(await arrived(world, FIRST_SKU[GATE], **changes)) == []
    done = await supplier.publish(ORDER_ID)
    assert done.note is not None
    assert done.note.startswith("Nothing was sent: ")
    assert await supplier.orders() == []


async def test_only_suppliers_that_are_to_get_orders_by_themselves_do(world: World) -> None:
    supplier = await stocked(world, auto_publish_order=False)
    assert publications(await arrived(world, FIRST_SKU[GATE])) == []
    assert (await supplier.publish(ORDER_ID)).outcome is not None


async def test_orders_from_before_the_supplier_wait_for_a_person(world: World) -> None:
    supplier = await stocked(world)
    assert publications(await arrived(world, FIRST_SKU[GATE], created_at="2026-01-05T10:00:00Z")) == []
    assert (await supplier.publish(ORDER_ID)).outcome is not None


async def test_an_order_without_its_products_is_not_sent(world: World) -> None:
    supplier = await stocked(world)
    assert publications(await arrived(world, "MUG-1")) == []
    done = await supplier.publish(ORDER_ID)
    assert done.note == "Nothing was sent: no line of the order is still to come from this supplier"


async def test_the_same_state_again_is_not_published_again(world: World) -> None:
    await stocked(world)
    order = supplied_order(FIRST_SKU[GATE])
    assert len(publications(await world.deliver("orders/paid", order))) == 1
    assert publications(await world.deliver("orders/paid", order)) == []


async def test_a_published_order_that_changes_is_not_published_again(world: World) -> None:
    supplier = await stocked(world)
    await arrived(world, FIRST_SKU[GATE])
    await supplier.publish(ORDER_ID)
    later = "2026-11-20T19:15:47+01:00"
    assert (
        publications(await arrived(world, FIRST_SKU[GATE], email="new@example.com", updated_at=later)) == []
    )


async def test_a_product_two_suppliers_offer_is_ordered_from_one(world: World) -> None:
    first, second = await stocked(world), await stocked(world, called="Second")
    await arrived(world, FIRST_SKU[GATE])
    assert (await second.publish(ORDER_ID)).note == (
        "Nothing was sent: no line of the order is still to come from this supplier"
    )
    await first.publish(ORDER_ID)
    statement = "UPDATE store.products SET data = data || '{\"is_available\": false}' WHERE account_id = $1"
    await world.pool.execute(statement, first.account_id)
    assert (await second.publish(ORDER_ID)).outcome is not None
    assert len(await first.orders()) == 1


async def test_of_two_suppliers_the_one_that_has_it_gets_the_order(world: World) -> None:
    first, second = await stocked(world), await stocked(world, called="Second")
    statement = "UPDATE store.products SET data = data || '{\"is_available\": false}' WHERE account_id = $1"
    await world.pool.execute(statement, first.account_id)
    assert publications(await arrived(world, FIRST_SKU[GATE])) == [second.account_id]


async def test_only_what_is_still_to_be_delivered_is_ordered(world: World) -> None:
    supplier = await stocked(world)
    lines = [
        line_body(id=1, sku="G4C-000001", quantity=3, current_quantity=3, fulfillable_quantity=1),
        line_body(id=2, sku="G4C-000002", quantity=2, current_quantity=0),
        line_body(id=3, sku="G4C-000001", quantity=4, current_quantity=4),
    ]
    body = order_body(line_items=lines, shipping_address=ADDRESS, fulfillment_status="partial")
    await world.deliver("orders/updated", body)
    await supplier.publish(ORDER_ID)
    (theirs,) = await supplier.orders()
    assert theirs["items"] == [["G4C-000001", 5]]


async def test_an_incomplete_order_names_what_is_missing(world: World) -> None:
    supplier = await stocked(world)
    await arrived(world, FIRST_SKU[GATE], shipping_address={**ADDRESS, "city": None, "address1": " "})
    done = await supplier.publish(ORDER_ID)
    assert isinstance(done.error, Rejected)
    assert "'recipient.address1', 'recipient.city'" in done.error.message
    assert done.calls == []


@pytest.mark.parametrize("name", [GATE, TRINAVO])
async def test_out_of_stock_says_which_product(world: World, name: str) -> None:
    supplier = await stocked(world, name)
    await arrived(world, FIRST_SKU[name])
    await supplier.terms(out_of_stock=[FIRST_SKU[name]])
    done = await supplier.publish(ORDER_ID)
    assert isinstance(done.error, Rejected)
    assert done.error.kind == "out_of_stock"
    assert FIRST_SKU[name] in done.error.message
    assert done.error.answer.http_status in (400, 422)


async def test_a_product_the_supplier_no_longer_has_is_not_found(world: World) -> None:
    supplier = await stocked(world)
    await arrived(world, "G4C-000030")
    await supplier.terms(products=20)
    done = await supplier.publish(ORDER_ID)
    assert isinstance(done.error, Rejected)
    assert (done.error.kind, "unknown product G4C-000030" in done.error.message) == ("not_found", True)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("unauthorised", Misconfigured),
        ("rate_limited", RateLimited),
        ("unavailable", Unavailable),
        ("reset_before", Unavailable),
        ("slow", Unavailable),
    ],
)
async def test_each_trouble_is_told_as_what_it_is(world: World, fault: str, error: type[TaskError]) -> None:
    supplier = await stocked(world)
    await arrived(world, FIRST_SKU[GATE])
    await supplier.fault(PLACE[GATE], fault)
    assert isinstance((await supplier.publish(ORDER_ID)).error, error)
    assert (await supplier.publish(ORDER_ID)).outcome is not None
    assert len(await supplier.orders()) == 1


@pytest.mark.parametrize("name", [GATE, TRINAVO])
@pytest.mark.parametrize("fault", ["reset_after_effect", "slow", "malformed"])
async def test_after_an_unknown_outcome_there_is_still_one_order(world: World, name: str, fault: str) -> None:
    supplier = await stocked(world, name)
    await arrived(world, FIRST_SKU[name])
    await supplier.fault(PLACE[name], fault)
    first = await supplier.publish(ORDER_ID)
    assert isinstance(first.error, Retryable)
    second = await supplier.publish(ORDER_ID, id=first.task.id)
    assert second.outcome is not None, second.error
    assert second.outcome.target_id == REFERENCE[name]
    assert len(await supplier.orders()) == 1


@pytest.mark.parametrize("fault", ["reset_after_effect", "slow", "malformed", "server_error"])
async def test_a_supplier_that_does_not_know_repeats_is_asked_before(world: World, fault: str) -> None:
    supplier = await stocked(world, **_forgetful(can_be_asked=True))
    await arrived(world, FIRST_SKU[GATE])
    await supplier.fault(PLACE[GATE], fault)
    first = await supplier.publish(ORDER_ID)
    assert isinstance(first.error, UnknownOutcome)
    assert first.error.after is not None
    second = await supplier.publish(ORDER_ID, is_uncertain=True)
    assert second.outcome is not None, second.error
    assert [call.method for call in second.calls] == (["GET", "POST"] if fault == "server_error" else ["GET"])
    (theirs,) = await supplier.orders()
    assert theirs["times_received"] == 1


async def test_a_supplier_that_can_not_be_asked_gets_it_at_most_once(world: World) -> None:
    supplier = await stocked(world, **_forgetful(can_be_asked=False))
    await arrived(world, FIRST_SKU[GATE])
    await supplier.fault(PLACE[GATE], "reset_after_effect")
    first = await supplier.publish(ORDER_ID)
    again = await supplier.publish(ORDER_ID)
    for done in (first, again):
        assert isinstance(done.error, Rejected)
        assert done.error.kind == "unknown_outcome"
    assert again.calls == []
    await world.control.delete("/supplier/gate4cards/orders")
    decided = await supplier.publish(ORDER_ID, retry_of=first.task.id)
    assert decided.outcome is not None, decided.error
    assert len(await supplier.orders()) == 1


async def test_a_definite_refusal_leaves_no_doubt(world: World) -> None:
    supplier = await stocked(world, **_forgetful(can_be_asked=False))
    await arrived(world, FIRST_SKU[GATE])
    await supplier.terms(out_of_stock=[FIRST_SKU[GATE]])
    await supplier.publish(ORDER_ID)
    await supplier.terms(out_of_stock=[])
    assert (await supplier.publish(ORDER_ID)).outcome is not None


async def test_an_order_the_supplier_has_already_is_adopted(world: World) -> None:
    supplier = await stocked(world)
    await arrived(world, FIRST_SKU[GATE])
    await supplier.publish(ORDER_ID)
    await world.pool.execute("DELETE FROM store.supplier_orders")
    done = await supplier.publish(ORDER_ID)
    assert (done.note, done.outcome and done.outcome.target_id) == (
        _NO_SHOP,
        REFERENCE[GATE],
    )
    assert len(await supplier.orders()) == 1


async def test_a_reference_that_belongs_to_another_order_is_refused(world: World) -> None:
    supplier = await stocked(world)
    await arrived(world, FIRST_SKU[GATE])
    await supplier.publish(ORDER_ID)
    await arrived(world, FIRST_SKU[GATE], id=ORDER_ID + 1)
    done = await supplier.publish(ORDER_ID + 1)
    assert isinstance(done.error, Rejected)
    assert "'order_number_prefix'" in done.error.message


async def test_shops_that_share_a_login_tell_their_orders_apart(world: World) -> None:
    supplier = await stocked(world, order_number_prefix="SE-")
    await arrived(world, FIRST_SKU[GATE])
    await supplier.publish(ORDER_ID)
    assert [order["po_number"] for order in await supplier.orders()] == ["SE-1042"]


async def test_the_shops_order_is_marked_once(world: World, shop: dict[str, Any]) -> None:
    supplier = await stocked(world)
    await world.deliver("orders/paid", shop["order"])
    done = await supplier.publish(shop["order"]["id"])
    assert done.outcome is not None, done.error
    assert done.outcome.note is None
    marked = await _shops_order(world, shop["order"]["id"])
    assert "Supplier: Gate4cards - Primary" in marked["tags"]
    assert (await supplier.placed())[0]["shop_told_at"] is not None
    again = await supplier.publish(shop["order"]["id"])
    assert (again.note, again.calls) == ("The supplier had this order already", [])


async def test_trouble_with_the_shop_is_not_the_suppliers(world: World, shop: dict[str, Any]) -> None:
    supplier = await stocked(world)
    await world.deliver("orders/paid", shop["order"])
    for fault, error in (("rate_limited", Retryable), ("unauthorised", Rejected)):
        rule = {"system": "shopify", "route": "*", "fault": fault, "times": 1}
        (await world.control.put("/faults", json=[rule])).raise_for_status()
        done = await supplier.publish(shop["order"]["id"])
        assert isinstance(done.error, error)
        assert not isinstance(done.error, RateLimited | Misconfigured)
        assert f"The supplier has the order ({REFERENCE[GATE]})" in done.error.message
    last = await supplier.publish(shop["order"]["id"], retry_of=new_task_id())
    assert last.outcome is not None
    assert [call.api for call in last.calls] == ["Shopify"]
    assert len(await supplier.orders()) == 1


_NO_SHOP = "The shop's order was not marked: the shop has no active account of kind 'shopify'"


def _forgetful(*, can_be_asked: bool) -> dict[str, Any]:
    """Settings for a supplier that takes every request for a new order."""
    settings = example(GATE)
    settings["format"]["place_order"] |= {"recognises_repeats": False, "existing": None}
    if not can_be_asked:
        settings["format"]["find_order"] = None
    return settings


@pytest.fixture
async def shop(world: World) -> dict[str, Any]:
    """The sandbox's shop with an account at its Admin API, and an order of supplied goods."""
    base = str(world.control.base_url).removesuffix("/control/")
    await world.pool.execute(
        "INSERT INTO store.accounts (shop_id, kind, name, base_url, credentials) "
        "VALUES ($1, 'shopify', 'Admin', $2, $3)",
        world.shop_id,
        f"{base}/shopify/sandbox-outdoor.myshopify.com",
        world.vault.seal(orjson.dumps({"access_token": "sandbox-shopify-token"})),
    )
    wanted = {"lines": [{"sku": FIRST_SKU[GATE], "quantity": 1}], "paid": True, "tell": False}
    answer: httpx.Response = await world.control.post("/shop/orders", json=wanted)
    answer.raise_for_status()
    return {"order": await _shops_order(world, answer.json()["id"])}


async def _shops_order(world: World, order_id: int) -> dict[str, Any]:
    order: dict[str, Any] = (await world.control.get(f"/shop/orders/{order_id}")).json()
    return order
