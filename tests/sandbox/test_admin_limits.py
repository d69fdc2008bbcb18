"""The Admin API's door and its bucket: tokens, versions, cost, throttling, refusals, faults."""

import asyncio
import time
from typing import Any

import httpx
import pytest

from sandbox.bucket import Bucket
from sandbox.shopify.admin.cost import scaled
from tests.sandbox.asking import Admin

TEN = "{ orders(first: 10) { nodes { id } } }"


async def cost(admin: Admin, query: str) -> dict[str, Any]:
    body = await admin.ask(query)
    told: dict[str, Any] = body["extensions"]["cost"]
    return told


async def test_a_wrong_token_an_unknown_shop_and_an_impossible_version_are_told_apart(admin: Admin) -> None:
    refused = await admin.post(TEN, token="wrong")
    assert refused.status_code == 401
    assert refused.json()["errors"].startswith("[API] Invalid API key or access token")
    assert (await admin.post(TEN, version="2031-01")).status_code == 404
    admin.domain = "nobody.myshopify.com"
    assert (await admin.post(TEN)).json() == {"errors": "Not Found"}


async def test_an_old_version_falls_forward_and_says_so(admin: Admin) -> None:
    assert (await admin.post(TEN)).headers["x-shopify-api-version"] == "2026-10"
    assert (await admin.post(TEN, version="2023-04")).headers["x-shopify-api-version"] == "2026-01"


async def test_objects_cost_a_point_connections_go_by_size_and_mutations_cost_ten(admin: Admin) -> None:
    assert (await cost(admin, "{ shop { name } }"))["requestedQueryCost"] == 1
    assert (await cost(admin, TEN))["requestedQueryCost"] == 2 + 5
    nested = await cost(admin, "{ orders(first: 250) { nodes { id customer { id } } } }")
    assert nested["requestedQueryCost"] == 2 + 11 * 2
    assert nested["actualQueryCost"] == 2
    missing = 'mutation { tagsAdd(id: "gid://shopify/Order/1", tags: ["a"]) { userErrors { message } } }'
    assert (await cost(admin, missing))["requestedQueryCost"] == 10


async def test_the_charge_is_what_was_found_not_what_was_asked_for(admin: Admin) -> None:
    await admin.control.patch("/admin", json={"restore_rate": 0})
    for _ in range(3):
        await admin.order()
    told = await cost(admin, "{ orders(first: 250) { edges { node { id customer { id } } } } }")
    assert told["requestedQueryCost"] == 24
    assert told["actualQueryCost"] == 2 + 2
    assert told["throttleStatus"] == {
        "maximumAvailable": 2000.0,
        "currentlyAvailable": 1996,
        "restoreRate": 0.0,
    }


async def test_an_empty_bucket_throttles_with_200_until_it_has_filled(admin: Admin) -> None:
    await admin.control.patch("/admin", json={"bucket_size": 100, "restore_rate": 50})
    await admin.control.put("/admin/bucket", json={"available": 0})
    body = await admin.ask(TEN)
    assert "data" not in body
    assert body["errors"][0]["message"] == "Throttled"
    assert body["errors"][0]["extensions"]["code"] == "THROTTLED"
    told = body["extensions"]["cost"]
    assert (told["requestedQueryCost"], told["actualQueryCost"]) == (7, None)
    status = told["throttleStatus"]
    wait = (told["requestedQueryCost"] - status["currentlyAvailable"]) / status["restoreRate"]
    await asyncio.sleep(wait + 0.02)
    assert (await cost(admin, TEN))["actualQueryCost"] == 2


async def test_one_shops_bucket_is_not_anothers(admin: Admin) -> None:
    await admin.control.patch("/admin", json={"restore_rate": 0})
    await admin.control.put("/admin/bucket", json={"available": 0})
    opened = await admin.http.put(
        "/control/shops/other.myshopify.com", json={"access_token": "token-of-this-test"}
    )
    assert opened.status_code == 201
    assert "errors" in await admin.ask(TEN)
    admin.domain = "other.myshopify.com"
    assert "errors" not in await admin.ask(TEN)


async def test_a_query_that_is_too_large_is_refused_for_good(admin: Admin) -> None:
    await admin.control.patch("/admin", json={"max_query_cost": 20})
    body = await admin.ask("{ orders(first: 250) { nodes { customer { id } } } }")
    assert set(body) == {"errors"}
    extensions = body["errors"][0]["extensions"]
    assert (extensions["code"], extensions["cost"], extensions["maxCost"]) == ("MAX_COST_EXCEEDED", 24, 20)


async def test_a_denied_field_is_an_error_with_null_data(admin: Admin) -> None:
    await admin.control.patch("/admin", json={"refusals": [{"field": "orders", "times": 1}]})
    body = await admin.ask(TEN)
    assert body["data"] == {"orders": None}
    assert body["errors"][0]["extensions"]["code"] == "ACCESS_DENIED"
    assert "errors" not in await admin.ask("{ shop { name } }")
    assert "errors" not in await admin.ask(TEN)


@pytest.mark.parametrize(("status", "code"), [("frozen", 402), ("locked", 423)])
async def test_a_closed_shop_answers_with_its_own_status(admin: Admin, status: str, code: int) -> None:
    await admin.control.patch("/admin", json={"shop_status": status})
    answer = await admin.post(TEN)
    assert (answer.status_code, answer.json()) == (code, {"errors": "Unavailable Shop"})


async def test_an_inactive_shop_says_so_in_a_200(admin: Admin) -> None:
    await admin.control.patch("/admin", json={"shop_status": "inactive"})
    assert (await admin.ask(TEN))["errors"][0]["extensions"]["code"] == "SHOP_INACTIVE"


async def test_faults_can_concern_one_operation_only(admin: Admin) -> None:
    order = await admin.order()
    rule = {"system": "shopify", "operation": "tagsAdd", "fault": "reset_after_effect", "times": 1}
    await admin.http.put("/control/faults", json=[rule])
    assert "errors" not in await admin.ask(TEN)
    add = 'mutation($id: ID!) { tagsAdd(id: $id, tags: ["once"]) { userErrors { message } } }'
    with pytest.raises(httpx.TransportError):
        await admin.ask(add, id=order["admin_graphql_api_id"])
    seen = (await admin.control.get(f"/orders/{order['id']}")).json()["tags"]
    assert "once" in seen


async def test_http_failures_carry_a_text_where_graphql_carries_a_list(admin: Admin) -> None:
    rule = {"system": "shopify", "fault": "rate_limited", "times": 1, "retry_after": "2.0"}
    await admin.http.put("/control/faults", json=[rule])
    answer = await admin.post(TEN)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "2.0")
    assert isinstance(answer.json()["errors"], str)


async def test_requests_are_kept_without_the_token(admin: Admin) -> None:
    await admin.ask(TEN)
    (request,) = (await admin.control.get("/requests")).json()["requests"]
    assert request["body"]["query"] == TEN
    assert "x-shopify-access-token" not in request["headers"]


async def test_a_body_that_asks_nothing_is_a_bad_request(admin: Admin) -> None:
    address = f"/shopify/{admin.domain}/admin/api/2026-10/graphql.json"
    headers = {"X-Shopify-Access-Token": "token-of-this-test"}
    assert (await admin.http.post(address, content=b"?", headers=headers)).status_code == 400


async def test_a_large_query_does_not_hold_up_small_ones(admin: Admin) -> None:
    await admin.control.put("/volume", json={"orders": 1_000, "customers": 500})
    await admin.control.patch("/admin", json={"bucket_size": 100_000, "max_query_cost": 100_000})
    large = "{ orders(first: 250) { nodes { id lineItems(first: 50) { nodes { id product { id } } } } } }"
    heavy = asyncio.create_task(admin.ask(large))
    await asyncio.sleep(0.05)
    started = time.perf_counter()
    await admin.ask("{ shop { name } }")
    waited = time.perf_counter() - started
    assert not heavy.done() or waited < 3
    assert len((await heavy)["data"]["orders"]["nodes"]) == 250


def test_a_bucket_refills_by_the_clock_up_to_its_size() -> None:
    now = [0.0]
    bucket = Bucket(100, 10, clock=lambda: now[0])
    bucket.charge(80)
    now[0] = 3
    assert bucket.available() == 50
    now[0] = 60
    assert bucket.available() == 100
    bucket.resize(size=200, rate=10)
    assert bucket.available() == 200


def test_connections_are_charged_as_measured() -> None:
    assert [scaled(count) for count in (0, 1, 2, 10, 50, 100, 250)] == [0, 1, 1, 5, 8, 9, 11]
