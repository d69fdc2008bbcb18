"""Bulk operations: begun, finished, told, fetched; in any order, broken, failed, cancelled."""

from collections import Counter
from typing import Any

import httpx
import orjson
import pytest

from sandbox.shopify.admin.bulk.plan import InvalidBulkQuery, plan_query
from tests.sandbox.asking import Admin
from tests.sandbox.running import Receiver
from tests.sandbox.telling import told, topics
from tests.waiting import eventually

RUN = """mutation($q: String!, $g: Boolean = false) { bulkOperationRunQuery(query: $q, groupObjects: $g) {
  bulkOperation { id status } userErrors { field message code } } }"""
ORDERS = """{ orders { edges { node { id name totalPriceSet { shopMoney { amount } }
  lineItems { edges { node { id sku quantity } } } } } } }"""
SIX_CONNECTIONS = """{ customers { nodes { id orders { nodes { id a: lineItems { nodes { id } }
  b: lineItems { nodes { id } } c: lineItems { nodes { id } } d: lineItems { nodes { id } } } } } } }"""
NODE = """query($id: ID!) { node(id: $id) { ... on BulkOperation {
  status errorCode url partialDataUrl objectCount rootObjectCount fileSize completedAt } } }"""


async def run(admin: Admin, query: str = ORDERS, **variables: Any) -> str:
    payload = (await admin.data(RUN, q=query, **variables))["bulkOperationRunQuery"]
    assert payload["userErrors"] == []
    assert payload["bulkOperation"]["status"] == "CREATED"
    operation_id: str = payload["bulkOperation"]["id"]
    return operation_id


async def finished(admin: Admin, operation_id: str) -> dict[str, Any]:
    found: dict[str, Any] = {}

    async def done() -> bool:
        nonlocal found
        found = (await admin.data(NODE, id=operation_id))["node"]
        return found["status"] not in ("CREATED", "RUNNING", "CANCELING")

    await eventually(done, what="bulk operation finished")
    return found


async def lines(admin: Admin, **volume: Any) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Run the orders query over a past of this size; what the node says, and the lines."""
    await admin.control.put("/volume", json=volume)
    node = await finished(admin, await run(admin))
    file = (await admin.http.get(node["url"])).content
    assert len(file) == int(node["fileSize"])
    return node, [orjson.loads(line) for line in file.splitlines()]


async def test_a_query_becomes_a_file_of_lines_and_a_webhook(admin: Admin, receiver: Receiver) -> None:
    node, found = await lines(admin, orders=60, lines_per_order=3)
    assert (node["status"], node["errorCode"], node["partialDataUrl"]) == ("COMPLETED", None, None)
    assert (node["rootObjectCount"], node["objectCount"]) == ("60", "240")
    orders = {line["id"] for line in found if "__parentId" not in line}
    children = Counter(line["__parentId"] for line in found if "__parentId" in line)
    assert len(orders) == 60
    assert set(children) == orders
    assert set(children.values()) == {3}
    body = (await told(receiver, "bulk_operations/finish"))["bulk_operations/finish"]
    assert (body["status"], body["type"], body["error_code"]) == ("completed", "query", None)
    assert "url" not in body


async def test_the_lines_equal_what_queries_answer(admin: Admin) -> None:
    _, found = await lines(admin, orders=20, customers=5)
    query = """{ orders(first: 100) { nodes { id name totalPriceSet { shopMoney { amount } }
      lineItems(first: 10) { nodes { id sku quantity } } } } }"""
    nodes = (await admin.data(query))["orders"]["nodes"]
    asked = [{name: value for name, value in node.items() if name != "lineItems"} for node in nodes]
    asked += [{**line, "__parentId": node["id"]} for node in nodes for line in node["lineItems"]["nodes"]]
    by_id = {line["id"]: line for line in found}
    assert by_id == {line["id"]: line for line in asked}


async def test_lists_stand_inside_the_line_of_their_order(admin: Admin) -> None:
    await admin.control.put("/volume", json={"orders": 60, "refund_every": 5, "split_every": 3})
    query = """{ orders { edges { node { id displayFulfillmentStatus refunds { id createdAt }
      fulfillments { id totalQuantity trackingInfo { number } } } } } }"""
    node = await finished(admin, await run(admin, query))
    found = [orjson.loads(line) for line in (await admin.http.get(node["url"])).content.splitlines()]
    parcels = Counter(len(order["fulfillments"]) for order in found)
    assert set(parcels) == {0, 1, 2}
    (refund, *more) = [refund for order in found for refund in order["refunds"]]
    assert 3 < len(more) < 12
    asked = (
        "query($id: ID!) { refund(id: $id) { createdAt refundLineItems(first: 5) { nodes { quantity } } } }"
    )
    answer = (await admin.data(asked, id=refund["id"]))["refund"]
    assert answer == {"createdAt": refund["createdAt"], "refundLineItems": {"nodes": [{"quantity": 1}]}}
    (two, *_) = [order["fulfillments"] for order in found if len(order["fulfillments"]) == 2]
    asked = "query($id: ID!) { fulfillment(id: $id) { totalQuantity trackingInfo { number } } }"
    for parcel in two:
        known = (await admin.data(asked, id=parcel["id"]))["fulfillment"]
        assert {"id": parcel["id"], **known} == parcel


async def test_slashes_are_escaped_as_shopify_does(admin: Admin) -> None:
    await admin.control.put("/volume", json={"orders": 1})
    node = await finished(admin, await run(admin))
    assert rb'"id":"gid:\/\/shopify\/Order\/' in (await admin.http.get(node["url"])).content


@pytest.mark.parametrize("order", ["grouped", "shuffled", "children_last", "children_first"])
async def test_children_stand_where_they_are_told_to(admin: Admin, order: str) -> None:
    await admin.control.patch("/admin", json={"bulk_order": order, "bulk_shuffle_window": 50})
    _, found = await lines(admin, orders=100, lines_per_order=2)
    places = {line["id"]: place for place, line in enumerate(found) if "__parentId" not in line}
    children = [(place, line["__parentId"]) for place, line in enumerate(found) if "__parentId" in line]
    distances = [place - places[parent] for place, parent in children]
    expected = {
        "grouped": max(distances) <= 2 and min(distances) > 0,
        "shuffled": max(distances) > 10 and min(distances) < 0,
        "children_last": min(distances) > 0 and max(distances) >= 100,
        "children_first": max(distances) < 0,
    }
    assert expected[order]
    assert len(found) == 300


async def test_group_objects_puts_children_behind_their_parent(admin: Admin) -> None:
    await admin.control.put("/volume", json={"orders": 30})
    node = await finished(admin, await run(admin, g=True))
    found = [orjson.loads(line) for line in (await admin.http.get(node["url"])).content.splitlines()]
    parents = [line.get("__parentId") or line["id"] for line in found]
    assert parents == [parent for parent in dict.fromkeys(parents) for _ in range(4)]


async def test_broken_lines_stand_between_whole_ones_and_are_accounted_for(admin: Admin) -> None:
    await admin.control.patch("/admin", json={"bulk_bad_lines": 10})
    await admin.control.put("/volume", json={"orders": 25, "lines_per_order": 3})
    node = await finished(admin, await run(admin))
    file = (await admin.http.get(node["url"])).content.splitlines()
    (operation,) = (await admin.control.get("/bulk-operations")).json()["operations"]
    assert (node["objectCount"], operation["bad_count"], len(file)) == ("100", 10, 110)
    whole = [line for number, line in enumerate(file, start=1) if number not in operation["bad_lines"]]
    assert all("id" in orjson.loads(line) for line in whole)
    with pytest.raises(orjson.JSONDecodeError):
        orjson.loads(file[operation["bad_lines"][0] - 1])


async def test_the_result_is_read_in_parts_and_without_a_token(admin: Admin) -> None:
    await admin.control.put("/volume", json={"orders": 50})
    url = (await finished(admin, await run(admin)))["url"]
    whole = (await admin.http.get(url)).content
    part = await admin.http.get(url, headers={"Range": "bytes=1000-"})
    assert (part.status_code, part.content) == (206, whole[1000:])
    assert part.headers["content-range"] == f"bytes 1000-{len(whole) - 1}/{len(whole)}"
    beyond = await admin.http.get(url, headers={"Range": f"bytes={len(whole)}-"})
    assert beyond.status_code == 416


async def test_a_download_that_breaks_off_goes_on_where_it_ended(admin: Admin) -> None:
    await admin.control.put("/volume", json={"orders": 200})
    url = (await finished(admin, await run(admin)))["url"]
    whole = (await admin.http.get(url)).content
    rule = {"system": "shopify-storage", "fault": "reset_after_effect", "times": 1}
    await admin.http.put("/control/faults", json=[rule])
    received = bytearray()
    with pytest.raises(httpx.TransportError):
        await download(admin.http, url, received)
    assert 0 < len(received) <= len(whole) // 2
    rest = await admin.http.get(url, headers={"Range": f"bytes={len(received)}-"})
    assert bytes(received) + rest.content == whole


async def download(http: httpx.AsyncClient, url: str, received: bytearray) -> None:
    async with http.stream("GET", url) as answer:
        async for chunk in answer.aiter_raw():
            received += chunk


async def test_nothing_found_has_no_url(admin: Admin) -> None:
    node = await finished(admin, await run(admin))
    assert (node["status"], node["url"], node["objectCount"]) == ("COMPLETED", None, "0")


async def test_a_failed_operation_leaves_a_part(admin: Admin, receiver: Receiver) -> None:
    await admin.control.patch("/admin", json={"bulk_outcome": "FAILED", "bulk_error_code": "TIMEOUT"})
    await admin.control.put("/volume", json={"orders": 100})
    node = await finished(admin, await run(admin))
    assert (node["status"], node["errorCode"], node["url"]) == ("FAILED", "TIMEOUT", None)
    part = (await admin.http.get(node["partialDataUrl"])).content.splitlines()
    assert 0 < len(part) < 400
    assert all(orjson.loads(line) for line in part)
    body = (await told(receiver, "bulk_operations/finish"))["bulk_operations/finish"]
    assert (body["status"], body["error_code"]) == ("failed", "timeout")


async def test_the_webhook_can_stay_away(admin: Admin, receiver: Receiver) -> None:
    await admin.control.patch("/admin", json={"bulk_finish_webhook": False})
    await finished(admin, await run(admin))
    await admin.order()
    await told(receiver, "orders/create", "orders/updated", "orders/paid")


async def test_an_operation_under_way_is_cancelled(admin: Admin, receiver: Receiver) -> None:
    await admin.control.patch("/admin", json={"bulk_delay_s": 60})
    operation_id = await run(admin)
    cancel = """mutation($id: ID!) { bulkOperationCancel(id: $id) {
      bulkOperation { status } userErrors { message } } }"""
    payload = (await admin.data(cancel, id=operation_id))["bulkOperationCancel"]
    assert payload["bulkOperation"]["status"] == "CANCELING"
    assert (await finished(admin, operation_id))["status"] == "CANCELED"
    await eventually(lambda: topics(receiver) == ["bulk_operations/finish"], what="told")
    again = (await admin.data(cancel, id=operation_id))["bulkOperationCancel"]
    assert again["userErrors"]


async def test_only_so_many_run_at_once(admin: Admin) -> None:
    await admin.control.patch("/admin", json={"bulk_delay_s": 60, "bulk_concurrent": 2})
    await run(admin)
    await run(admin)
    (error,) = (await admin.data(RUN, q=ORDERS))["bulkOperationRunQuery"]["userErrors"]
    assert error["code"] == "LIMIT_REACHED"
    running = '{ bulkOperations(first: 5, query: "status:created") { nodes { id } } }'
    assert len((await admin.data(running))["bulkOperations"]["nodes"]) == 2


async def test_a_large_result_is_written_by_a_process_of_its_own(admin: Admin) -> None:
    await admin.control.put("/volume", json={"customers": 4_000})
    everyone = "{ customers { edges { node { id email } } } }"
    node = await finished(admin, await run(admin, everyone))
    assert node["objectCount"] == "4000"
    assert len((await admin.http.get(node["url"])).content.splitlines()) == 4_000


async def test_a_search_narrows_a_bulk_query(admin: Admin) -> None:
    await admin.control.put("/volume", json={"orders": 1_000, "span_days": 10})
    page = "{ orders(first: 1, reverse: true, sortKey: UPDATED_AT) { nodes { updatedAt } } }"
    newest = (await admin.data(page))["orders"]["nodes"][0]["updatedAt"]
    query = f"""{{ orders(query: "updated_at:>='{newest}'") {{ edges {{ node {{ id }} }} }} }}"""
    assert (await finished(admin, await run(admin, query)))["objectCount"] == "1"


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ("{ orders { edges { node { id colour } } } }", "Cannot query field 'colour'"),
        ("{ orders { edges { node {", "Syntax Error"),
        ("{ shop { name } }", "at least one connection"),
        ("{ orders { edges { node { lineItems { edges { node { id } } } } } } }", "must select the 'id'"),
        (
            "{ orders { edges { node { id refunds { refundLineItems { nodes { id: __typename } } } } } } }",
            "Queries that contain a connection field within a list field are not currently supported.",
        ),
        ("{ orders { pageInfo { hasNextPage } } }", "select the nodes"),
        ("mutation { tagsAdd(id: 1, tags: []) { userErrors { message } } }", "exactly one query"),
        (SIX_CONNECTIONS, "more than 5 connections"),
    ],
)
def test_queries_that_cannot_run_in_bulk_are_refused(query: str, why: str) -> None:
    with pytest.raises(InvalidBulkQuery, match=why):
        plan_query(query)


async def test_a_refused_query_is_a_user_error(admin: Admin) -> None:
    (error,) = (await admin.data(RUN, q="{ shop { name } }"))["bulkOperationRunQuery"]["userErrors"]
    assert (error["field"], error["code"]) == (["query"], "INVALID")
