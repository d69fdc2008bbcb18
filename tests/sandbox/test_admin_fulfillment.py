"""Fulfilments: created from fulfilment orders as documented, tracked, cancelled, and told."""

from typing import Any

import orjson
import pytest

from tests.sandbox.asking import Admin
from tests.sandbox.running import Receiver
from tests.sandbox.telling import told

READ = """query FO($id: ID!) { order(id: $id) { id displayFulfillmentStatus
  fulfillments { id status trackingInfo { number company url } }
  fulfillmentOrders(first: 20) { nodes { id status requestStatus assignedLocation { location { id } }
    supportedActions { action }
    lineItems(first: 100) { nodes { id remainingQuantity totalQuantity lineItem { id sku } } } } } } }"""
SHIP = """mutation Ship($f: FulfillmentInput!, $m: String) { fulfillmentCreate(fulfillment: $f, message: $m) {
  fulfillment { id status trackingInfo { number url company } } userErrors { field message } } }"""
TRACKING = {"company": "PostNord", "number": "UA123456789SE", "url": "https://example.test/t/UA123456789SE"}


async def read(admin: Admin, order: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = (await admin.data(READ, id=order["admin_graphql_api_id"]))["order"]
    return found


async def ship(admin: Admin, *parts: dict[str, Any], **fields: Any) -> dict[str, Any]:
    wanted = {"trackingInfo": TRACKING, "lineItemsByFulfillmentOrder": list(parts), **fields}
    payload: dict[str, Any] = (await admin.data(SHIP, f=wanted))["fulfillmentCreate"]
    return payload


def part(place: dict[str, Any], **items: int) -> dict[str, Any]:
    """What to send of a fulfilment order: quantities by SKU, everything when none is named."""
    lines = {node["lineItem"]["sku"]: node["id"] for node in place["lineItems"]["nodes"]}
    wanted = [{"id": lines[sku.replace("_", "-")], "quantity": number} for sku, number in items.items()]
    return {"fulfillmentOrderId": place["id"], "fulfillmentOrderLineItems": wanted or None}


async def test_a_whole_order_is_shipped_and_told(admin: Admin, receiver: Receiver) -> None:
    order = await admin.order(tell=False)
    (place,) = (await read(admin, order))["fulfillmentOrders"]["nodes"]
    assert (place["status"], {"action": "CREATE_FULFILLMENT"} in place["supportedActions"]) == ("OPEN", True)
    payload = await ship(admin, part(place))
    assert payload["userErrors"] == []
    assert payload["fulfillment"]["status"] == "SUCCESS"
    assert payload["fulfillment"]["trackingInfo"] == [TRACKING]
    after = await read(admin, order)
    assert after["displayFulfillmentStatus"] == "FULFILLED"
    (place,) = after["fulfillmentOrders"]["nodes"]
    assert (place["status"], place["supportedActions"]) == ("CLOSED", [])
    bodies = await told(receiver, "fulfillments/create", "orders/fulfilled", "orders/updated")
    assert bodies["fulfillments/create"]["tracking_numbers"] == ["UA123456789SE"]
    assert bodies["orders/updated"]["fulfillment_status"] == "fulfilled"


async def test_a_part_is_shipped_and_the_rest_remains(admin: Admin, receiver: Receiver) -> None:
    order = await admin.order(tell=False)
    (place,) = (await read(admin, order))["fulfillmentOrders"]["nodes"]
    assert (await ship(admin, part(place, SL_009=1)))["userErrors"] == []
    after = await read(admin, order)
    assert after["displayFulfillmentStatus"] == "PARTIALLY_FULFILLED"
    (place,) = after["fulfillmentOrders"]["nodes"]
    assert (place["status"], place["lineItems"]["nodes"][0]["remainingQuantity"]) == ("IN_PROGRESS", 1)
    await told(receiver, "fulfillments/create", "orders/partially_fulfilled", "orders/updated")


async def test_creating_twice_is_refused_only_when_nothing_remains(admin: Admin) -> None:
    order = await admin.order(tell=False)
    (place,) = (await read(admin, order))["fulfillmentOrders"]["nodes"]
    assert (await ship(admin, part(place, SL_009=1)))["userErrors"] == []
    assert (await ship(admin, part(place, SL_009=1)))["userErrors"] == []
    assert "unfulfillable" in (await ship(admin, part(place)))["userErrors"][0]["message"]
    numbers = [one["trackingInfo"][0]["number"] for one in (await read(admin, order))["fulfillments"]]
    assert numbers == ["UA123456789SE", "UA123456789SE"]


async def test_what_does_not_exist_does_not_match_or_is_too_much_is_refused(admin: Admin) -> None:
    first, second = await admin.order(tell=False), await admin.order(tell=False)
    (one,) = (await read(admin, first))["fulfillmentOrders"]["nodes"]
    (other,) = (await read(admin, second))["fulfillmentOrders"]["nodes"]
    missing = {**one, "id": "gid://shopify/FulfillmentOrder/1"}
    foreign = {"fulfillmentOrderId": one["id"], "fulfillmentOrderLineItems": None}
    line = {"id": other["lineItems"]["nodes"][0]["id"], "quantity": 1}
    refusals = [
        (await ship(admin, part(missing)), "Fulfillment order does not exist."),
        (await ship(admin, part(one), part(other)), "belong to the same order"),
        (await ship(admin, part(one, SL_009=3)), "Invalid fulfillment order line item quantity"),
        (await ship(admin, part(one, SL_009=0)), "Invalid fulfillment order line item quantity"),
        (await ship(admin, {**foreign, "fulfillmentOrderLineItems": [line]}), "line item does not exist"),
    ]
    for payload, message in refusals:
        assert payload["fulfillment"] is None
        (error,) = payload["userErrors"]
        assert error["field"] == ["fulfillment", "lineItemsByFulfillmentOrder"]
        assert message in error["message"]


async def test_two_locations_are_two_shipments(admin: Admin) -> None:
    lines = [{"sku": "SL-009", "quantity": 1}, {"sku": "SL-010", "quantity": 1}]
    order = await admin.order(lines=lines, locations=2, tell=False)
    here, there = (await read(admin, order))["fulfillmentOrders"]["nodes"]
    both = await ship(admin, part(here), part(there))
    assert "same location" in both["userErrors"][0]["message"]
    assert (await ship(admin, part(here)))["userErrors"] == []
    assert (await read(admin, order))["displayFulfillmentStatus"] == "PARTIALLY_FULFILLED"
    assert (await ship(admin, part(there)))["userErrors"] == []
    assert (await read(admin, order))["displayFulfillmentStatus"] == "FULFILLED"


@pytest.mark.parametrize(("deed", "status"), [("hold", "ON_HOLD"), ("cancel", "CANCELLED")])
async def test_held_and_cancelled_orders_are_not_shipped(admin: Admin, deed: str, status: str) -> None:
    order = await admin.order(tell=False)
    await admin.control.post(f"/orders/{order['id']}/{deed}", json={"tell": False})
    (place,) = (await read(admin, order))["fulfillmentOrders"]["nodes"]
    assert place["status"] == status
    assert "unfulfillable" in (await ship(admin, part(place)))["userErrors"][0]["message"]


async def test_tracking_is_changed_and_a_void_makes_the_items_wait_again(
    admin: Admin, receiver: Receiver
) -> None:
    order = await admin.order(tell=False)
    (place,) = (await read(admin, order))["fulfillmentOrders"]["nodes"]
    sent = (await ship(admin, part(place)))["fulfillment"]["id"]
    retrack = """mutation($id: ID!, $t: FulfillmentTrackingInput!) {
      fulfillmentTrackingInfoUpdate(fulfillmentId: $id, trackingInfoInput: $t, notifyCustomer: false) {
        fulfillment { trackingInfo { number company } } userErrors { message } } }"""
    several = {"company": "DHL", "numbers": ["A1", "A2"]}
    changed = (await admin.data(retrack, id=sent, t=several))["fulfillmentTrackingInfoUpdate"]
    assert [info["number"] for info in changed["fulfillment"]["trackingInfo"]] == ["A1", "A2"]
    cancel = """mutation($id: ID!) { fulfillmentCancel(id: $id) {
      fulfillment { status } userErrors { message } } }"""
    assert (await admin.data(cancel, id=sent))["fulfillmentCancel"]["fulfillment"]["status"] == "CANCELLED"
    assert "already" in (await admin.data(cancel, id=sent))["fulfillmentCancel"]["userErrors"][0]["message"]
    after = await read(admin, order)
    assert after["displayFulfillmentStatus"] == "UNFULFILLED"
    assert after["fulfillmentOrders"]["nodes"][0]["status"] == "OPEN"
    expected = ("fulfillments/create", "orders/fulfilled", "orders/updated")
    await told(receiver, *expected, *["fulfillments/update", "orders/updated"] * 2)
    states = [orjson.loads(taken.body).get("status") for taken in receiver.requests]
    assert "cancelled" in states


async def test_orders_of_the_past_can_be_shipped_too(admin: Admin) -> None:
    await admin.control.put("/volume", json={"orders": 100})
    query = "query($q: String!) { orders(first: 5, query: $q) { nodes { id } } }"
    search = "fulfillment_status:unfulfilled financial_status:paid"
    order = (await admin.data(query, q=search))["orders"]["nodes"][0]
    found = {"admin_graphql_api_id": order["id"]}
    (place,) = (await read(admin, found))["fulfillmentOrders"]["nodes"]
    assert (await ship(admin, part(place)))["userErrors"] == []
    assert (await read(admin, found))["displayFulfillmentStatus"] == "FULFILLED"


async def test_what_apps_did_is_counted(admin: Admin) -> None:
    order = await admin.order(tell=False)
    (place,) = (await read(admin, order))["fulfillmentOrders"]["nodes"]
    await ship(admin, part(place, SL_009=1), notifyCustomer=True)
    await ship(admin, part(place, SL_009=1))
    effects = (await admin.control.get("/effects")).json()
    assert effects["counts"] == {"created": 2, "mails": 1}
    assert effects["by_tracking_number"] == {"UA123456789SE": 2}


async def test_what_the_api_does_not_know_is_refused(admin: Admin) -> None:
    order = await admin.order(tell=False)
    (place,) = (await read(admin, order))["fulfillmentOrders"]["nodes"]
    wanted = {"lineItemsByFulfillmentOrder": [part(place)], "trackingNumber": "UA123456789SE"}
    assert "trackingNumber" in (await admin.ask(SHIP, f=wanted))["errors"][0]["message"]
    assert "message" in (await admin.ask(SHIP, f={}))["errors"][0]
    assert "not declared: g" in (await admin.ask(SHIP, f=wanted, g=1))["errors"][0]["message"]
    assert (await admin.control.get("/effects")).json()["counts"] == {}
