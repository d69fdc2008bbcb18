"""The Admin API's queries: what can be asked, how lists are paged and searched, what is refused."""

import base64
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import orjson
import pytest

from tests.sandbox.asking import Admin
from tests.waiting import eventually

ORDER = """query($id: ID!) { order(id: $id) {
  id legacyResourceId name number email phone createdAt updatedAt processedAt cancelledAt cancelReason
  closedAt currencyCode presentmentCurrencyCode displayFinancialStatus displayFulfillmentStatus
  taxesIncluded tags note test discountCodes customAttributes { key value }
  totalPriceSet { ...money } subtotalPriceSet { ...money } totalTaxSet { ...money }
  totalDiscountsSet { ...money } shippingAddress { address1 city zip countryCodeV2 }
  customer { id firstName lastName email phone state createdAt updatedAt
    defaultAddress { city zip countryCodeV2 } }
  lineItems(first: 50) { nodes { id sku title variantTitle vendor quantity currentQuantity
    unfulfilledQuantity isGiftCard product { id } variant { id sku price }
    originalUnitPriceSet { ...money } discountedTotalSet { ...money }
    discountAllocations { allocatedAmountSet { ...money } } taxLines { rate priceSet { ...money } } } }
  shippingLines(first: 5) { nodes { title originalPriceSet { ...money } } }
  fulfillments { id status createdAt trackingInfo { number company url } }
  refunds { id createdAt note totalRefundedSet { ...money }
    refundLineItems(first: 20) { nodes { quantity restockType subtotalSet { ...money } lineItem { id } } }
    transactions(first: 5) { nodes { kind amountSet { ...money } } } }
} }
fragment money on MoneyBag {
  shopMoney { amount currencyCode } presentmentMoney { amount currencyCode }
}"""


async def burst(admin: Admin, count: int) -> list[dict[str, Any]]:
    """Let some time pass in the shop, and return its orders after that."""
    order = {"count": count, "rate": 5_000, "duplicates": 0, "reordering": 0}
    path = f"/bursts/{(await admin.control.post('/burst', json=order)).json()['id']}"

    async def done() -> bool:
        return bool((await admin.control.get(path, params={"brief": 1})).json()["done"])

    await eventually(done, what="burst done")
    found: list[dict[str, Any]] = (await admin.control.get("/orders", params={"limit": 9_999})).json()[
        "orders"
    ]
    return found


def money(bag: dict[str, Any]) -> Decimal:
    return Decimal(bag["shopMoney"]["amount"])


async def test_a_guest_can_be_given_an_address_as_some_leave_none(admin: Admin) -> None:
    placed = await admin.order(email="guest@example.com", tell=False)
    query = "query($id: ID!) { order(id: $id) { email customer { id } } }"
    told = await admin.data(query, id=placed["admin_graphql_api_id"])
    assert told["order"] == {"email": "guest@example.com", "customer": None}


async def test_the_shop_says_who_it_is(admin: Admin) -> None:
    query = "{ shop { id name email currencyCode ianaTimezone myshopifyDomain plan { publicDisplayName } } }"
    shop = (await admin.data(query))["shop"]
    assert (shop["currencyCode"], shop["ianaTimezone"]) == ("SEK", "Europe/Stockholm")
    assert shop["myshopifyDomain"] == admin.domain


async def test_an_order_can_be_mapped_from_the_query_as_from_the_webhook(admin: Admin) -> None:
    for body in (await burst(admin, 300))[:40]:
        await admin.control.put("/admin/bucket", json={"available": 2_000})
        order = (await admin.data(ORDER, id=body["admin_graphql_api_id"]))["order"]
        assert order["name"] == body["name"]
        assert order["email"] == body["email"]
        assert order["legacyResourceId"] == str(body["id"])
        assert datetime.fromisoformat(order["updatedAt"]) == datetime.fromisoformat(body["updated_at"])
        assert order["displayFinancialStatus"].lower() == body["financial_status"]
        assert money(order["totalPriceSet"]) == Decimal(body["total_price"])
        assert money(order["totalTaxSet"]) == Decimal(body["total_tax"])
        skus = [(line["sku"], line["quantity"], Decimal(line["price"])) for line in body["line_items"]]
        found = [
            (n["sku"], n["quantity"], money(n["originalUnitPriceSet"])) for n in order["lineItems"]["nodes"]
        ]
        assert found == skus
        assert len(order["refunds"]) == len(body["refunds"])
        assert len(order["fulfillments"]) == len(body["fulfillments"])
        given = [
            Decimal(refund["transactions"][0]["amount"])
            for refund in body["refunds"]
            if refund["transactions"]
        ]
        assert [m for r in order["refunds"] if (m := money(r["totalRefundedSet"]))] == given


async def test_a_customer_shows_consent_that_the_webhook_leaves_out(admin: Admin) -> None:
    made = await admin.customer(email="kim@example.com", email_consent="subscribed", tags=["vip"])
    query = """query($id: ID!) { customer(id: $id) { displayName tags numberOfOrders
      defaultEmailAddress { emailAddress marketingState marketingOptInLevel marketingUpdatedAt }
      emailMarketingConsent { marketingState } } }"""
    customer = (await admin.data(query, id=made["admin_graphql_api_id"]))["customer"]
    assert customer["tags"] == ["vip"]
    assert customer["numberOfOrders"] == "0"
    assert customer["defaultEmailAddress"]["emailAddress"] == "kim@example.com"
    assert customer["defaultEmailAddress"]["marketingState"] == "SUBSCRIBED"
    assert customer["emailMarketingConsent"]["marketingState"] == "SUBSCRIBED"


async def test_what_is_not_there_is_null_and_what_is_no_id_is_an_error(admin: Admin) -> None:
    assert (await admin.data('{ order(id: "gid://shopify/Order/1") { id } }')) == {"order": None}
    assert (await admin.data('{ order(id: "gid://shopify/Customer/1") { id } }')) == {"order": None}
    body = await admin.ask('{ order(id: "42") { id } }')
    assert body["errors"][0]["message"] == "Invalid global id '42'"


async def test_node_finds_anything_by_its_id(admin: Admin) -> None:
    order = await admin.order()
    query = "query($id: ID!) { node(id: $id) { __typename id ... on Order { name } } }"
    node = (await admin.data(query, id=order["admin_graphql_api_id"]))["node"]
    assert node == {"__typename": "Order", "id": order["admin_graphql_api_id"], "name": order["name"]}


PAGE = """query($q: String, $after: String, $first: Int!, $reverse: Boolean) {
  orders(first: $first, after: $after, sortKey: UPDATED_AT, query: $q, reverse: $reverse) {
    nodes { id updatedAt } pageInfo { hasNextPage endCursor } } }"""


async def pages(admin: Admin, **arguments: Any) -> list[dict[str, Any]]:
    nodes: list[dict[str, Any]] = []
    after = None
    while True:
        await admin.control.put("/admin/bucket", json={"available": 2_000})
        page = (await admin.data(PAGE, after=after, **arguments))["orders"]
        nodes += page["nodes"]
        if not page["pageInfo"]["hasNextPage"]:
            return nodes
        after = page["pageInfo"]["endCursor"]


@pytest.mark.parametrize("reverse", [False, True])
async def test_pages_hold_everything_once_in_the_order_of_change(admin: Admin, reverse: bool) -> None:
    await admin.control.put("/volume", json={"orders": 150})
    orders = await burst(admin, 200)
    nodes = await pages(admin, first=17, reverse=reverse)
    moments = [node["updatedAt"] for node in nodes]
    assert moments == sorted(moments, reverse=reverse)
    ids = [node["id"].rpartition("/")[2] for node in nodes]
    assert len(ids) == len(set(ids)) == 150 + len(orders)
    assert {str(order["id"]) for order in orders} <= set(ids)


async def test_a_changed_order_of_the_past_moves_to_its_new_place(admin: Admin) -> None:
    newest = datetime(2026, 1, 1, tzinfo=UTC).isoformat()
    await admin.control.put("/volume", json={"orders": 20, "newest": newest})
    first = (await pages(admin, first=5))[0]["id"]
    await admin.data(
        'mutation($id: ID!) { tagsAdd(id: $id, tags: ["seen"]) { node { id } userErrors { message } } }',
        id=first,
    )
    nodes = await pages(admin, first=5)
    assert len(nodes) == 20
    assert nodes[-1]["id"] == first


async def test_the_search_by_change_finds_exactly_what_changed_since(admin: Admin) -> None:
    await admin.control.put("/volume", json={"orders": 1_000, "customers": 50, "span_days": 10})
    every = await pages(admin, first=250)
    limit = every[700]["updatedAt"]
    found = await pages(admin, first=250, q=f"updated_at:>='{limit}'")
    assert found == [node for node in every if node["updatedAt"] >= limit]
    before = await pages(admin, first=250, q=f"updated_at:<'{limit}'", reverse=True)
    assert before == [node for node in reversed(every) if node["updatedAt"] < limit]


async def test_what_a_search_does_not_understand_is_ignored_with_a_warning(admin: Admin) -> None:
    await admin.order()
    unquoted = "updated_at:>=2999-01-01T00:00:00Z colour:red"
    body = await admin.ask(PAGE, first=5, q=unquoted)
    assert len(body["data"]["orders"]["nodes"]) == 1
    (search,) = body["extensions"]["search"]
    assert search["path"] == ["orders"]
    assert [(w["field"], w["code"]) for w in search["warnings"]] == [
        ("updated_at", "invalid_value"),
        ("colour", "invalid_field"),
    ]


async def test_other_terms_narrow_alternatives_widen_and_a_minus_turns(admin: Admin) -> None:
    paid, open_ = await admin.order(), await admin.order(paid=False)
    names = {paid["admin_graphql_api_id"]: "paid", open_["admin_graphql_api_id"]: "open"}

    async def found(search: str) -> set[str]:
        return {names[node["id"]] for node in await pages(admin, first=5, q=search)}

    assert await found("financial_status:paid") == {"paid"}
    assert await found("-financial_status:paid") == {"open"}
    assert await found(f"name:{paid['name']} OR name:{open_['name']}") == {"paid", "open"}
    assert await found(f"id:{paid['id']} AND financial_status:pending") == set()


async def test_lists_need_a_size_and_keep_to_the_limit(admin: Admin) -> None:
    assert "one of first or last" in (await admin.ask("{ orders { nodes { id } } }"))["errors"][0]["message"]
    too_many = await admin.ask("{ orders(first: 251) { nodes { id } } }")
    assert "must be between 0 and 250" in too_many["errors"][0]["message"]
    bad = await admin.ask('{ orders(first: 5, after: "x") { nodes { id } } }')
    assert "Invalid cursor" in bad["errors"][0]["message"]


async def test_pages_can_be_read_from_the_end(admin: Admin) -> None:
    await admin.control.put("/volume", json={"orders": 12})
    query = """query($before: String) { orders(last: 5, before: $before, sortKey: UPDATED_AT) {
      nodes { id } pageInfo { hasPreviousPage startCursor } } }"""
    found: list[str] = []
    info: dict[str, Any] = {"startCursor": None, "hasPreviousPage": True}
    while info["hasPreviousPage"]:
        page = (await admin.data(query, before=info["startCursor"]))["orders"]
        found, info = [node["id"] for node in page["nodes"]] + found, page["pageInfo"]
    assert found == [node["id"] for node in await pages(admin, first=5)]


async def test_nobody_pages_deeper_than_twenty_five_thousand(admin: Admin) -> None:
    await admin.control.put("/volume", json={"orders": 10})
    place = {"v": "2020-01-01T00:00:00+00:00", "id": 1, "n": 25_000}
    cursor = base64.b64encode(orjson.dumps(place)).decode()
    body = await admin.ask(PAGE, first=5, after=cursor)
    assert "limited to 25000" in body["errors"][0]["message"]


async def test_without_the_right_to_all_orders_the_last_sixty_days_are_seen(admin: Admin) -> None:
    newest = (datetime.now(UTC) - timedelta(days=50)).isoformat()
    await admin.control.put("/volume", json={"orders": 100, "span_days": 20, "newest": newest})
    assert (await admin.data("{ ordersCount { count precision } }"))["ordersCount"]["count"] == 100
    await admin.control.patch("/admin", json={"all_orders": False})
    seen = (await admin.data("{ ordersCount { count } }"))["ordersCount"]["count"]
    assert 30 < seen < 60


async def test_products_come_with_their_variants(admin: Admin) -> None:
    await admin.control.put("/volume", json={"products": 100_000})
    query = """{ productsCount(limit: 200000) { count } products(first: 3, reverse: true) { nodes {
      id title vendor status variants(first: 5) { nodes { id sku price inventoryQuantity } } } } }"""
    data = await admin.data(query)
    assert data["productsCount"]["count"] > 100_000
    assert all(product["variants"]["nodes"][0]["sku"] for product in data["products"]["nodes"])
    supplied = await admin.data('{ products(first: 5, query: "sku:G4C-000001") { nodes { vendor } } }')
    assert supplied["products"]["nodes"] == [{"vendor": "Gate4cards"}]


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("{ shop { colour } }", "Field 'colour' doesn't exist on type 'Shop'"),
        ("{ orders(first: 1, colour: 1) { nodes { id } } }", "Unknown argument 'colour'"),
        ("{ orders(first: 1) { nodes { id } ", "Syntax Error"),
        ("query($a: Int!) { orders(first: $a) { nodes { id } } }", "Variable '$a'"),
    ],
)
async def test_what_is_not_in_the_schema_is_refused(admin: Admin, query: str, message: str) -> None:
    body = await admin.ask(query)
    assert message in body["errors"][0]["message"]
    assert "data" not in body


async def test_variants_are_listed_from_any_id_on(admin: Admin) -> None:
    query = """query($q: String!) { productVariants(first: 250, sortKey: ID, query: $q) {
        nodes { id sku product { featuredMedia { preview { image { url } } } }
                inventoryItem { measurement { weight { unit value } } } } pageInfo { hasNextPage } } }"""
    await admin.control.put("/volume", json={"customers": 0, "orders": 0, "products": 300})
    found = (await admin.data(query, q="id:>=1"))["productVariants"]
    last = int(found["nodes"][-1]["id"].rpartition("/")[2])
    rest = (await admin.data(query, q=f"id:>={last + 1}"))["productVariants"]
    ids = [int(one["id"].rpartition("/")[2]) for one in (*found["nodes"], *rest["nodes"])]
    tent = next(one for one in (*found["nodes"], *rest["nodes"]) if one["sku"] == "SL-006")
    assert found["pageInfo"]["hasNextPage"] is True
    assert rest["pageInfo"]["hasNextPage"] is False
    assert ids == sorted(set(ids))
    assert len(ids) > 300
    assert tent["inventoryItem"]["measurement"]["weight"] == {"unit": "KILOGRAMS", "value": 2.65}
    assert tent["product"]["featuredMedia"]["preview"]["image"]["url"].startswith(
        "https://cdn.example/tents-"
    )
