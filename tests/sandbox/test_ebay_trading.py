"""eBay over XML: strict requests, HTTP 200 with an Ack, tracking that is replaced, lists by page."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from tests.sandbox.selling import USUAL, Seller, texts

TRACKING = (
    "<ShipmentTrackingDetails><ShippingCarrierUsed>{0}</ShippingCarrierUsed>"
    "<ShipmentTrackingNumber>{1}</ShipmentTrackingNumber></ShipmentTrackingDetails>"
)


@pytest.fixture
async def seller(shared_sandbox_url: str, control: httpx.AsyncClient) -> AsyncIterator[Seller]:
    base = f"{shared_sandbox_url}/control/ebay/tested"
    async with (
        httpx.AsyncClient(base_url=base, trust_env=False, verify=False) as steering,
        httpx.AsyncClient(base_url=f"{shared_sandbox_url}/ebay", trust_env=False, verify=False) as api,
    ):
        await steering.patch("/terms", json=USUAL)
        await steering.delete("/orders")
        caller = Seller(api, steering)
        caller.token = (await caller.log_in()).json()["access_token"]
        yield caller


def shipped(target: str, *tracking: tuple[str, str], shipped: str = "true") -> str:
    details = "".join(TRACKING.format(*one) for one in tracking)
    return f"{target}<Shipped>{shipped}</Shipped><Shipment>{details}</Shipment>"


def the_order(order: dict[str, Any]) -> str:
    return f"<OrderID>{order['order_id']}</OrderID>"


def the_line(order: dict[str, Any], place: int) -> str:
    return f"<OrderLineItemID>{order['lines'][place]['order_line_item_id']}</OrderLineItemID>"


async def tracking_of(seller: Seller, order: dict[str, Any]) -> list[list[str]]:
    return [line["tracking"] for line in (await seller.held(order))["lines"]]


async def test_a_completed_sale_is_shipped_and_telling_it_again_changes_nothing(seller: Seller) -> None:
    order = await seller.order()
    content = shipped(the_order(order), ("DHL", "JJD0099"))
    for _ in range(2):
        assert texts(await seller.call("CompleteSale", content), "Ack") == ["Success"]
    held = await seller.held(order)
    assert (held["status"], held["counts"]) == ("FULFILLED", {"completed": 1, "completed_in_vain": 1})


async def test_other_tracking_replaces_what_stood_there(seller: Seller) -> None:
    order = await seller.order()
    await seller.call("CompleteSale", shipped(the_order(order), ("DHL", "A1"), ("DHL", "A2")))
    await seller.call("CompleteSale", shipped(the_line(order, 1), ("UPS", "B1")))
    assert await tracking_of(seller, order) == [["A1", "A2"], ["B1"]]


async def test_empty_shipment_tags_delete_the_tracking(seller: Seller) -> None:
    order = await seller.order()
    await seller.call("CompleteSale", shipped(the_order(order), ("DHL", "A1")))
    await seller.call("CompleteSale", shipped(the_line(order, 0), shipped="false"))
    held = await seller.held(order)
    assert [(line["tracking"], line["is_shipped"]) for line in held["lines"]] == [([], False), (["A1"], True)]


@pytest.mark.parametrize(
    "content",
    [
        "<OrderID>99-99999-99999</OrderID><Shipped>true</Shipped>",
        "{order}<Shipped>perhaps</Shipped>",
        "{order}<Shipment>" + TRACKING.format("DHL", "JJD-0099") + "</Shipment>",
        "{order}<Shipment>" + TRACKING.format("Pigeon", "JJD0099") + "</Shipment>",
        "{order}<Shipment>" + TRACKING.format("DHL", "") + "</Shipment>",
        "{order}<TrackingNumber>JJD0099</TrackingNumber>",
        "{order}<Shipped>true</Shipped><Shipped>true</Shipped>",
        "{order}<Shipment><ShippedTime>yesterday</ShippedTime></Shipment><Shipped>true</Shipped>",
    ],
)
async def test_a_refusal_is_a_failure_inside_http_200(seller: Seller, content: str) -> None:
    order = await seller.order()
    answer = await seller.call("CompleteSale", content.format(order=the_order(order)))
    assert (texts(answer, "Ack"), texts(answer, "Errors/ErrorClassification")) == (
        ["Failure"],
        ["RequestError"],
    )
    assert (await seller.held(order))["counts"] == {}


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"X_EBAY_API_SITEID": ""}, "10012"),
        ({"X_EBAY_API_COMPATIBILITY_LEVEL": "new"}, "10012"),
        ({"Content_Type": "application/json"}, "10012"),
        ({"X_EBAY_API_IAF_TOKEN": "v^1.1#another"}, "21916984"),
        ({"X_EBAY_API_CALL_NAME": "EndItem"}, "2"),
        ({"X_EBAY_API_CALL_NAME": "GetOrders"}, "5"),
    ],
)
async def test_headers_are_checked(seller: Seller, headers: dict[str, str], code: str) -> None:
    order = await seller.order()
    name = headers.get("X_EBAY_API_CALL_NAME", "CompleteSale")
    root = "CompleteSaleRequest"
    body = f'<{root} xmlns="urn:ebay:apis:eBLBaseComponents">{the_order(order)}</{root}>'
    answer = await seller.post(name, body.encode(), **headers)
    assert answer.status_code == 200
    assert f"<ErrorCode>{code}</ErrorCode>" in answer.text


@pytest.mark.parametrize(
    "body",
    [
        b'<!DOCTYPE x [<!ENTITY e "12">]><CompleteSaleRequest xmlns="urn:ebay:apis:eBLBaseComponents"/>',
        b"<CompleteSaleRequest><OrderID>1</OrderID></CompleteSaleRequest>",
        b"no xml",
    ],
)
async def test_entities_other_namespaces_and_no_xml_are_refused(seller: Seller, body: bytes) -> None:
    answer = await seller.post("CompleteSale", body)
    assert "<ErrorCode>5</ErrorCode>" in answer.text


async def test_failures_come_on_demand_several_errors_in_one_answer(seller: Seller) -> None:
    order = await seller.order()
    warning = {"call": "CompleteSale", "ack": "Warning", "severity": "Warning", "code": "1"}
    await seller.control.put("/problems", json=[{"call": "CompleteSale"}, warning])
    content = shipped(the_order(order), ("DHL", "JJD0099"))
    failed = await seller.call("CompleteSale", content)
    assert texts(failed, "Ack") == ["Failure"]
    assert texts(failed, "Errors/ErrorClassification") == ["RequestError", "SystemError"]
    assert (await seller.held(order))["counts"] == {}
    assert texts(await seller.call("CompleteSale", content), "Ack") == ["Warning"]
    assert (await seller.held(order))["counts"] == {"completed": 1}


async def test_orders_are_listed_by_time_and_by_id(seller: Seller) -> None:
    await seller.control.post("/orders", json={"count": 3, "created_at": "2026-11-10T00:00:00Z"})
    order = await seller.order(created_at="2026-10-01T00:00:00Z")
    times = (
        "<ModTimeFrom>2026-11-01T00:00:00.000Z</ModTimeFrom><ModTimeTo>2026-11-20T00:00:00.000Z</ModTimeTo>"
    )
    pages = "<Pagination><EntriesPerPage>2</EntriesPerPage><PageNumber>1</PageNumber></Pagination>"
    listed = await seller.call("GetOrders", times + pages)
    assert (len(texts(listed, "OrderArray/Order/OrderID")), texts(listed, "HasMoreOrders")) == (2, ["true"])
    by_id = await seller.call("GetOrders", f"<OrderIDArray>{the_order(order)}</OrderIDArray>")
    line_ids = [line["order_line_item_id"] for line in order["lines"]]
    assert texts(by_id, "OrderArray/Order/TransactionArray/Transaction/OrderLineItemID") == line_ids
    too_long = times.replace("2026-11-01", "2026-01-01")
    assert texts(await seller.call("GetOrders", too_long), "Ack") == ["Failure"]


async def test_listings_have_item_numbers_weights_and_images(seller: Seller) -> None:
    times = (
        "<EndTimeFrom>2026-11-20T00:00:00.000Z</EndTimeFrom><EndTimeTo>2027-01-20T00:00:00.000Z</EndTimeTo>"
    )
    pages = "<Pagination><EntriesPerPage>4</EntriesPerPage><PageNumber>1</PageNumber></Pagination>"
    answer = await seller.call("GetSellerList", times + pages)
    assert len(texts(answer, "ItemArray/Item/ItemID")) == 4
    assert texts(answer, "ItemArray/Item/ShippingPackageDetails/WeightMinor")[:2] == ["3", "6"]
    assert texts(answer, "HasMoreItems") == ["true"]
    assert texts(await seller.call("GetSellerList", times), "Ack") == ["Failure"]


async def test_only_selected_fields_are_told(seller: Seller) -> None:
    order = await seller.order()
    selectors = ("HasMoreOrders", "OrderArray.Order.TransactionArray.Transaction.Item")
    fields = "".join(f"<OutputSelector>{name}</OutputSelector>" for name in selectors)
    answer = await seller.call("GetOrders", f"<OrderIDArray>{the_order(order)}</OrderIDArray>{fields}")
    assert texts(answer, "OrderArray/Order/TransactionArray/Transaction/Item/SKU") == ["EBY-001", "EBY-002"]
    assert texts(answer, "OrderArray/Order/OrderID") == []
    assert (texts(answer, "Ack"), texts(answer, "HasMoreOrders")) == (["Success"], ["false"])


async def test_both_interfaces_know_the_same_shipments(seller: Seller) -> None:
    order = await seller.order()
    line = {"lineItemId": order["lines"][0]["id"], "quantity": 1}
    await seller.fulfil(order, {"lineItems": [line], "shippingCarrierCode": "DHL", "trackingNumber": "A1"})
    answer = await seller.call("GetOrders", f"<OrderIDArray>{the_order(order)}</OrderIDArray>")
    path = "OrderArray/Order/TransactionArray/Transaction/ShippingDetails/ShipmentTrackingDetails"
    assert texts(answer, f"{path}/ShipmentTrackingNumber") == ["A1"]


async def test_a_lost_answer_of_one_call_leaves_its_effect(
    seller: Seller, control: httpx.AsyncClient
) -> None:
    order = await seller.order()
    rule = {"system": "ebay", "operation": "CompleteSale", "fault": "reset_after_effect"}
    await control.put("/faults", json=[rule])
    with pytest.raises(httpx.TransportError):
        await seller.call("CompleteSale", shipped(the_order(order), ("DHL", "A1")))
    assert (await seller.held(order))["status"] == "FULFILLED"
    assert texts(await seller.call("GetOrders", f"<OrderIDArray>{the_order(order)}</OrderIDArray>"), "Ack")
