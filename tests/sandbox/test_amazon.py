"""Amazon: tokens, strict confirmations, packages that are edited, usage plans, orders and items by page."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

FORM = {
    "grant_type": "refresh_token",
    "refresh_token": "Atzr|of-this-test",
    "client_id": "amzn1.application-oa2-client.of-this-test",
    "client_secret": "secret-of-this-test",
}
MARKETPLACE = "A1PA6795UKMFR9"
PLENTY = {"per_second": 1000, "burst": 1000}
OPERATIONS = ("confirmShipment", "getOrder", "searchOrders", "searchCatalogItems", "getCatalogItem")


@dataclass
class Seller:
    """Speaks to Amazon as one seller; `control` steers that one."""

    api: httpx.AsyncClient
    control: httpx.AsyncClient
    url: str

    async def log_in(self, **changes: str) -> httpx.Response:
        async with httpx.AsyncClient(trust_env=False, verify=False) as client:
            return await client.post(f"{self.url}/amazon-login/auth/o2/token", data={**FORM, **changes})

    async def order(self, **wish: Any) -> dict[str, Any]:
        items = [{"sku": "AMZ-001", "quantity": 2}, {"sku": "AMZ-002", "quantity": 1}]
        placed = await self.control.post("/orders", json={"items": items, **wish})
        order: dict[str, Any] = placed.json()["orders"][0]
        return order

    async def confirm(self, order: dict[str, Any], body: Any) -> httpx.Response:
        return await self.api.post(f"/orders/v0/orders/{order['order_id']}/shipmentConfirmation", json=body)

    async def held(self, order: dict[str, Any]) -> dict[str, Any]:
        shown: dict[str, Any] = (await self.control.get(f"/orders/{order['order_id']}")).json()
        return shown


@pytest.fixture
async def seller(shared_sandbox_url: str, control: httpx.AsyncClient) -> AsyncIterator[Seller]:
    base = f"{shared_sandbox_url}/control/amazon/tested"
    headers = {"x-amz-date": "20261121T080000Z"}
    async with (
        httpx.AsyncClient(base_url=base, trust_env=False, verify=False) as steering,
        httpx.AsyncClient(
            base_url=f"{shared_sandbox_url}/amazon", headers=headers, trust_env=False, verify=False
        ) as api,
    ):
        terms: dict[str, Any] = {name: FORM[name] for name in ("client_id", "client_secret", "refresh_token")}
        terms |= {"marketplace_ids": [MARKETPLACE], "token_s": 3600, "is_revoked": False}
        await steering.patch("/terms", json={**terms, "limits": dict.fromkeys(OPERATIONS, PLENTY)})
        await steering.delete("/orders")
        caller = Seller(api, steering, shared_sandbox_url)
        api.headers["x-amz-access-token"] = (await caller.log_in()).json()["access_token"]
        yield caller


def body_for(order: dict[str, Any], **changes: Any) -> dict[str, Any]:
    detail = {
        "packageReferenceId": "1",
        "carrierCode": "DHL",
        "trackingNumber": "JJD0099",
        "shipDate": "2026-11-21T08:00:00.000Z",
        "orderItems": [{"orderItemId": order["items"][0]["id"], "quantity": 2}],
    }
    return {"marketplaceId": MARKETPLACE, "packageDetail": {**detail, **changes}}


async def test_a_refresh_token_becomes_an_access_token_and_each_one_is_counted(seller: Seller) -> None:
    before = (await seller.control.get("/counts")).json()["tokens_given"]
    answer = await seller.log_in()
    assert answer.json()["expires_in"] == 3600
    assert answer.json()["token_type"] == "bearer"
    assert (await seller.control.get("/counts")).json()["tokens_given"] == before + 1


@pytest.mark.parametrize(
    ("changes", "status", "error"),
    [
        ({"client_secret": "wrong"}, 401, "invalid_client"),
        ({"refresh_token": "wrong"}, 400, "invalid_grant"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"scope": "more"}, 400, "invalid_request"),
    ],
)
async def test_other_credentials_get_no_token(
    seller: Seller, changes: dict[str, str], status: int, error: str
) -> None:
    answer = await seller.log_in(**changes)
    assert (answer.status_code, answer.json()["error"]) == (status, error)


async def test_a_revoked_consent_gets_no_token(seller: Seller) -> None:
    await seller.control.patch("/terms", json={"is_revoked": True})
    answer = await seller.log_in()
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")


async def test_an_expired_token_is_not_taken(seller: Seller) -> None:
    order = await seller.order()
    await seller.control.post("/expire-tokens")
    answer = await seller.confirm(order, body_for(order))
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (403, "Unauthorized")
    assert (await seller.held(order))["packages"] == []


async def test_a_confirmed_package_is_answered_with_nothing_and_is_there(seller: Seller) -> None:
    order = await seller.order()
    answer = await seller.confirm(order, body_for(order))
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["x-amzn-RateLimit-Limit"] == "1000.0"
    assert answer.headers["x-amzn-RequestId"]
    read = await seller.api.get(
        f"/orders/2026-01-01/orders/{order['order_id']}", params={"includedData": "PACKAGES,FULFILLMENT"}
    )
    told = read.json()["order"]
    assert told["fulfillment"] == {"fulfillmentStatus": "PARTIALLY_SHIPPED", "fulfilledBy": "MERCHANT"}
    assert [one["trackingNumber"] for one in told["packages"]] == ["JJD0099"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"packageReferenceId": 1}, "packageReferenceId"),
        ({"packageReferenceId": "0"}, "positive numeric"),
        ({"packageReferenceId": "P1"}, "positive numeric"),
        ({"trackingNumber": ""}, "trackingNumber"),
        ({"carrierCode": "Other"}, "carrierName"),
        ({"shipDate": "02/21/2022"}, "ISO 8601"),
        ({"shipDate": "2026-11-21T08:00:00"}, "ISO 8601"),
        ({"orderItems": []}, "orderItems"),
        ({"orderItems": [{"orderItemId": "4711", "quantity": 1}]}, "no order item 4711"),
        ({"note": "hello"}, "note"),
        ({"shippingMethod": None}, "shippingMethod"),
    ],
)
async def test_what_is_unknown_missing_or_wrong_is_refused(
    seller: Seller, changes: dict[str, Any], said: str
) -> None:
    order = await seller.order()
    answer = await seller.confirm(order, body_for(order, **changes))
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "InvalidInput")
    assert said in answer.text
    assert (await seller.held(order))["packages"] == []


async def test_more_than_is_left_is_refused_but_the_same_package_may_be_sent_again(seller: Seller) -> None:
    order = await seller.order()
    assert (await seller.confirm(order, body_for(order))).status_code == 204
    assert (await seller.confirm(order, body_for(order, packageReferenceId="2"))).status_code == 400
    assert (await seller.confirm(order, body_for(order, trackingNumber="JJD0100"))).status_code == 204
    (package,) = (await seller.held(order))["packages"]
    assert (package["tracking_number"], package["times_received"], package["times_changed"]) == (
        "JJD0100",
        2,
        1,
    )


async def test_a_closed_order_takes_no_edits(seller: Seller) -> None:
    order = await seller.order()
    await seller.confirm(order, body_for(order))
    await seller.control.patch(f"/orders/{order['order_id']}", json={"refuses_edits": True})
    answer = await seller.confirm(order, body_for(order, trackingNumber="JJD0100"))
    assert answer.status_code == 400
    assert "PackageToUpdateNotFound" in answer.text


@pytest.mark.parametrize("wish", [{"fulfilled_by": "AMAZON"}, {"status": "CANCELLED"}, {"status": "PENDING"}])
async def test_orders_that_are_not_the_merchants_to_ship_are_refused(
    seller: Seller, wish: dict[str, str]
) -> None:
    order = await seller.order(**wish)
    assert (await seller.confirm(order, body_for(order))).status_code == 400


async def test_a_used_up_plan_is_said_without_the_rate(seller: Seller) -> None:
    await seller.control.patch("/terms", json={"limits": {"getOrder": {"per_second": 0.001, "burst": 1}}})
    order = await seller.order()
    path = f"/orders/2026-01-01/orders/{order['order_id']}"
    assert (await seller.api.get(path)).status_code == 200
    answer = await seller.api.get(path)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (429, "QuotaExceeded")
    assert "x-amzn-RateLimit-Limit" not in answer.headers
    assert answer.headers["x-amzn-RequestId"]


async def test_a_lost_answer_leaves_the_package_there(seller: Seller, control: httpx.AsyncClient) -> None:
    order = await seller.order()
    await control.put("/faults", json=[{"system": "amazon", "fault": "reset_after_effect", "times": 1}])
    with pytest.raises(httpx.TransportError):
        await seller.confirm(order, body_for(order))
    assert len((await seller.held(order))["packages"]) == 1


async def test_a_second_package_with_the_same_tracking_number_shows_as_doubled(seller: Seller) -> None:
    order = await seller.order()
    other = [{"orderItemId": order["items"][1]["id"], "quantity": 1}]
    await seller.confirm(order, body_for(order))
    await seller.confirm(order, body_for(order, packageReferenceId="2", orderItems=other))
    assert (await seller.control.get("/counts")).json()["doubled"] == 1


async def test_orders_are_searched_page_by_page(seller: Seller) -> None:
    await seller.control.post("/orders", json={"count": 5})
    query = {"lastUpdatedAfter": "2026-01-01T00:00:00Z", "maxResultsPerPage": "2"}
    pages, token = [], ""
    while token is not None:
        asked = {**query, **({"paginationToken": token} if token else {})}
        page = (await seller.api.get("/orders/2026-01-01/orders", params=asked)).json()
        pages.append([order["orderId"] for order in page["orders"]])
        token = page.get("pagination", {}).get("nextToken")
    assert [len(page) for page in pages] == [2, 2, 1]
    assert len({order_id for page in pages for order_id in page}) == 5


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"createdAfter": "2026-01-01T00:00:00Z", "lastUpdatedAfter": "2026-01-01T00:00:00Z"},
        {"lastUpdatedAfter": "yesterday"},
        {"lastUpdatedAfter": "2026-01-01T00:00:00Z", "orderStatuses": "Unshipped"},
        {"lastUpdatedAfter": "2026-01-01T00:00:00Z", "includedData": "EVERYTHING"},
    ],
)
async def test_a_search_that_is_not_as_documented_is_refused(seller: Seller, query: dict[str, str]) -> None:
    answer = await seller.api.get("/orders/2026-01-01/orders", params=query)
    assert answer.status_code == 400


async def test_items_are_found_by_their_numbers_with_weight_and_image(seller: Seller) -> None:
    query = {
        "identifiers": "B0SANDBX01,B0SANDBX99",
        "identifiersType": "ASIN",
        "marketplaceIds": MARKETPLACE,
        "includedData": "summaries,dimensions,images",
    }
    answer = (await seller.api.get("/catalog/2022-04-01/items", params=query)).json()
    assert answer["numberOfResults"] == 1
    (item,) = answer["items"]
    assert item["dimensions"][0]["item"]["weight"] == {"unit": "grams", "value": 125.0}
    assert item["images"][0]["images"][0]["link"] == "https://images.example/AMZ-001.jpg"
    single = await seller.api.get(
        "/catalog/2022-04-01/items/B0SANDBX01", params={"marketplaceIds": MARKETPLACE}
    )
    assert single.json()["summaries"][0]["itemName"] == "Head torch, black"
