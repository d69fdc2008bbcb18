"""eBay over REST: tokens, strict fulfilments that ship twice when told twice, orders by page."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from tests.sandbox.selling import USUAL, Seller


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


def body_for(order: dict[str, Any], **changes: Any) -> dict[str, Any]:
    body = {
        "lineItems": [{"lineItemId": order["lines"][0]["id"], "quantity": 2}],
        "shippedDate": "2026-11-21T08:00:00.000Z",
        "shippingCarrierCode": "DHL",
        "trackingNumber": "JJD0099",
    }
    return {**body, **changes}


def error_id(answer: httpx.Response) -> int:
    found: int = answer.json()["errors"][0]["errorId"]
    return found


async def test_a_refresh_token_becomes_an_access_token(seller: Seller) -> None:
    answer = await seller.log_in()
    assert (answer.json()["token_type"], answer.json()["expires_in"]) == ("User Access Token", 7200)
    assert (await seller.log_in(scope="https://api.ebay.com/oauth/api_scope")).status_code == 200


async def test_the_token_desk_refuses_in_the_words_of_oauth(seller: Seller) -> None:
    refused = [
        await seller.log_in(secret="wrong"),
        await seller.log_in(refresh_token="v^1.1#another"),
        await seller.log_in(scope="https://api.ebay.com/oauth/api_scope/commerce"),
        await seller.log_in(grant_type="password"),
        await seller.log_in(client_id="in-the-form"),
    ]
    assert [(answer.status_code, answer.json()["error"]) for answer in refused] == [
        (401, "invalid_client"),
        (400, "invalid_grant"),
        (400, "invalid_scope"),
        (400, "unsupported_grant_type"),
        (400, "invalid_request"),
    ]
    await seller.control.patch("/terms", json={"is_revoked": True})
    assert (await seller.log_in()).json()["error"] == "invalid_grant"


async def test_a_fulfilment_is_answered_by_its_address_and_read_back_under_another_name(
    seller: Seller,
) -> None:
    order = await seller.order()
    answer = await seller.fulfil(order, body_for(order))
    assert (answer.status_code, answer.json()) == (201, {})
    assert answer.headers["Location"].endswith(f"/order/{order['order_id']}/shipping_fulfillment/JJD0099")
    listed = (await seller.get(f"/order/{order['order_id']}/shipping_fulfillment")).json()
    (one,) = listed["fulfillments"]
    assert (one["fulfillmentId"], one["shipmentTrackingNumber"]) == ("JJD0099", "JJD0099")
    assert "trackingNumber" not in one
    assert (await seller.held(order))["status"] == "IN_PROGRESS"


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"trackingNumber": "JJD-0099"}, 32300),
        ({"trackingNumber": "JJD 0099"}, 32300),
        ({"trackingNumber": None}, 32300),
        ({"shippingCarrierCode": None}, 32300),
        ({"shippingCarrierCode": "Pigeon"}, 32300),
        ({"shippedDate": "21.11.2026"}, 32500),
        ({"shippedDate": "2026-11-21T08:00:00+01:00"}, 32500),
        ({"shippedDate": "2999-01-01T00:00:00.000Z"}, 32500),
        ({"lineItems": []}, 32600),
        ({"lineItems": [{"lineItemId": "1"}]}, 32200),
        ({"trackingUrl": "https://tracking.example"}, 32600),
    ],
)
async def test_what_the_documentation_does_not_have_is_refused(
    seller: Seller, changes: dict[str, Any], error: int
) -> None:
    order = await seller.order()
    answer = await seller.fulfil(order, body_for(order, **changes))
    assert (answer.status_code, error_id(answer)) == (400, error)
    assert (await seller.held(order))["parcels"] == []


async def test_lines_are_checked_one_by_one(seller: Seller) -> None:
    order = await seller.order()
    line = {"lineItemId": order["lines"][0]["id"], "quantity": 1}
    cases = [
        ([line, line], 32210),
        ([{**line, "quantity": 3}], 32600),
        ([{**line, "quantity": "1"}], 32600),
        ([{**line, "sku": "EBY-001"}], 32600),
    ]
    for lines, error in cases:
        assert error_id(await seller.fulfil(order, body_for(order, lineItems=lines))) == error


async def test_a_tracking_number_told_twice_is_refused_or_ships_twice_as_the_terms_say(
    seller: Seller,
) -> None:
    order = await seller.order()
    assert (await seller.fulfil(order, body_for(order))).status_code == 201
    again = await seller.fulfil(order, body_for(order))
    assert (again.status_code, error_id(again)) == (400, 34500)
    await seller.control.patch("/terms", json={"on_repeat": "conflict"})
    assert (await seller.fulfil(order, body_for(order))).status_code == 409
    assert (await seller.held(order))["doubled"] == 0
    await seller.control.patch("/terms", json={"on_repeat": "accept"})
    assert (await seller.fulfil(order, body_for(order))).status_code == 201
    assert (await seller.held(order))["doubled"] == 1


async def test_without_tracking_a_fulfilment_has_a_constant_number(seller: Seller) -> None:
    order = await seller.order()
    body = {"lineItems": [{"lineItemId": order["lines"][1]["id"]}]}
    answer = await seller.fulfil(order, body)
    assert answer.headers["Location"].endswith("/9999999999")
    assert (await seller.fulfil(order, body)).status_code == 201
    assert (await seller.held(order))["doubled"] == 1


async def test_orders_tokens_and_sellers_that_are_not_good_are_refused(seller: Seller) -> None:
    order = await seller.order()
    nowhere = {**order, "order_id": "99-99999-99999"}
    assert error_id(await seller.fulfil(nowhere, body_for(order))) == 32100
    await seller.control.post(f"/orders/{order['order_id']}/cancel")
    assert error_id(await seller.fulfil(order, body_for(order))) == 32600
    await seller.control.patch("/terms", json={"is_suspended": True, "most_tracking_numbers": 1})
    assert error_id(await seller.fulfil(order, body_for(order))) == 32400
    await seller.control.post("/expire-tokens")
    assert (await seller.fulfil(order, body_for(order))).status_code == 401


async def test_too_many_tracking_numbers_are_refused(seller: Seller) -> None:
    await seller.control.patch("/terms", json={"most_tracking_numbers": 1})
    order = await seller.order()
    await seller.fulfil(order, body_for(order))
    assert error_id(await seller.fulfil(order, body_for(order, trackingNumber="JJD0100"))) == 34100


async def test_changed_orders_are_listed_by_page_with_their_buyers(seller: Seller) -> None:
    await seller.control.post("/orders", json={"count": 3, "created_at": "2026-11-01T00:00:00Z"})
    recent = await seller.order(created_at="2026-11-20T00:00:00Z")
    page = (await seller.get("/order?limit=2&offset=2")).json()
    assert (page["total"], len(page["orders"])) == (4, 2)
    query = "filter=lastmodifieddate:[2026-11-15T00:00:00.000Z..]"
    (found,) = (await seller.get(f"/order?{query}")).json()["orders"]
    assert found["orderId"] == recent["order_id"]
    assert found["lineItems"][0].keys() >= {"lineItemId", "legacyItemId", "sku", "quantity"}
    assert found["buyer"]["username"]
    bounded = "filter=lastmodifieddate:[2026-11-15T00:00:00.000Z..2026-11-19T00:00:00.000Z]"
    assert (await seller.get(f"/order?{bounded}")).json()["orders"] == []


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=201", "offset=x", "page=2", "filter=status:[x..]", "filter=x"]
)
async def test_queries_the_documentation_does_not_have_are_refused(seller: Seller, query: str) -> None:
    assert (await seller.get(f"/order?{query}")).status_code == 400


async def test_a_lost_answer_leaves_its_effect(seller: Seller, control: httpx.AsyncClient) -> None:
    order = await seller.order()
    route = "POST /sell/fulfillment/v1/order/{id}/shipping_fulfillment"
    await control.put("/faults", json=[{"system": "ebay", "route": route, "fault": "reset_after_effect"}])
    with pytest.raises(httpx.TransportError):
        await seller.fulfil(order, body_for(order))
    assert len((await seller.held(order))["parcels"]) == 1


async def test_the_requests_are_shown_without_tokens(seller: Seller, control: httpx.AsyncClient) -> None:
    order = await seller.order()
    await seller.fulfil(order, body_for(order))
    shown = await control.get("/ebay/requests", params={"limit": 1})
    assert "shipping_fulfillment" in shown.text
    assert seller.token not in shown.text
