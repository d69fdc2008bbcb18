"""One shipment: its attempts with request and answer, its order, its manual steps; and the file of all."""

import csv
import io
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from query_api.auth import Role
from query_api.routes import shipments
from shared.envelope import Call, State, TaskHeader, utc_now
from shared.identity import new_task_id
from shared.tasks import TaskType
from tests.factories import header
from tests.integration.query_api.shipping import NOON, add_account, add_shipment
from tests.integration.query_api.test_shipment_list import FAILED, SYNCED
from tests.integration.query_api.world import Api, World
from tests.integration.recorder.histories import life

CALL = Call(
    api="Amazon",
    method="POST",
    url="https://amazon.example/orders/v0/orders/O-1/shipmentConfirmation",
    started_at=utc_now(),
    duration_ms=12,
    request_body=b'{"marketplaceId":"A1"}',
    status=400,
    response_body=b'{"errors":[]}',
)
HOSTILE = (
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "=cmd|' /C calc'!A0",
    "\uff1d1",
    'a "b", c',
    "two\nlines",
    "Ünïcode",
)


@pytest.fixture
async def amazon(world: World, shop: int) -> int:
    return await add_account(world.pool, shop)


async def detail(api: Api, shipment: UUID) -> dict[str, Any]:
    shown: dict[str, Any] = (await api.get(f"/shipments/{shipment}"))["shipment"]
    return shown


async def write_back(world: World, amazon: int, *ends: State, **facts: Any) -> TaskHeader:
    task = header(type=TaskType.WRITEBACK_SHIPMENT, shop_id=1, account_id=amazon, source_id="O-1", **facts)
    await world.record(life(task, ends, calls=[CALL]))
    return task


async def file_of(api: Api, **parameters: Any) -> list[list[str]]:
    answer = await api.client.get("/api/v1/shipments.csv", params=parameters)
    assert answer.status_code == 200, answer.text
    return list(csv.reader(io.StringIO(answer.text, newline="")))


async def test_each_attempt_is_there_with_its_request_and_answer(world: World, amazon: int, api: Api) -> None:
    first = await write_back(world, amazon, State.RETRYING, State.FAILED)
    shipment = await add_shipment(world.pool, amazon, **FAILED | {"task_id": first.id})
    second = await write_back(world, amazon, State.FAILED, retry_of=first.id)
    await world.pool.execute("UPDATE store.shipments SET task_id = $1", second.id)
    shown = await detail(api, shipment)
    assert [(one["task_id"], one["retry_of"]) for one in shown["write_backs"]] == [
        (str(second.id), str(first.id)),
        (str(first.id), None),
    ]
    attempts = shown["write_backs"][1]["attempts"]
    assert [(one["attempt"], one["state"]) for one in attempts] == [(1, "retrying"), (2, "failed")]
    assert (attempts[0]["http_status"], attempts[0]["error_kind"]) == (503, "connection")
    assert attempts[0]["started_at"] < attempts[0]["ended_at"] < attempts[0]["due_at"]
    (call,) = attempts[1]["calls"]
    assert (call["sent"]["body"], call["received"]["body"]) == ('{"marketplaceId":"A1"}', '{"errors":[]}')
    raw = await api.client.get(call["sent"]["raw"])
    assert raw.content == CALL.request_body
    assert (await api.client.get(shown["write_backs"][0]["payloads"])).status_code == 200


async def test_viewers_see_attempts_without_data(world: World, amazon: int) -> None:
    task = await write_back(world, amazon, State.FAILED)
    shipment = await add_shipment(world.pool, amazon, **FAILED | {"task_id": task.id})
    async with world.reader(Role.VIEWER) as viewer:
        ((attempt,),) = [one["attempts"] for one in (await detail(viewer, shipment))["write_backs"]]
    assert (attempt["state"], attempt["calls"]) == ("failed", None)


async def test_the_tasks_of_a_shipment_are_kept_whoever_sets_them(
    world: World, amazon: int, api: Api
) -> None:
    shipment = await add_shipment(world.pool, amazon)
    tasks = [new_task_id() for _ in range(60)]
    for task in (*tasks, tasks[-1]):
        await world.pool.execute("UPDATE store.shipments SET task_id = $1", task)
    assert await world.pool.fetchval("SELECT task_ids FROM store.shipments") == tasks[-50:]
    assert (await detail(api, shipment))["write_backs"] == []


STEPS = {
    "amazon": ("Amazon Seller Central", "Tracking ID"),
    "ebay": ("Add tracking number", "Tracking number"),
    "shopify": ("Shopify admin", "Tracking number"),
}


@pytest.mark.parametrize("kind", STEPS)
async def test_a_failed_one_says_how_to_do_it_by_hand_with_the_values_to_paste(
    world: World, shop: int, api: Api, kind: str
) -> None:
    title, field = STEPS[kind]
    account = await add_account(world.pool, shop, kind, "Seller")
    failed = await add_shipment(world.pool, account, 1, **FAILED)
    shown = await detail(api, failed)
    steps = shown["manual_steps"]
    assert title in steps["title"]
    pasted = {name: value for step in steps["steps"] for name, value in step["paste"].items()}
    assert {"Order number": "#1001", field: "UA000000001SE", "Carrier": "PostNord"}.items() <= pasted.items()
    assert (shown["error"]["kind"], shown["error"]["remedy"] != "") == ("validation", True)
    corrected: dict[str, Any] = {"version": 2, "told_version": 1}
    for number, changes in enumerate((corrected, {"is_void": True}), start=10):
        other = await add_shipment(world.pool, account, number, **FAILED, **changes)
        assert f"UA{number:09}SE" in str((await detail(api, other))["manual_steps"])
    done = await add_shipment(world.pool, account, 2, **SYNCED)
    assert (await detail(api, done))["manual_steps"] is None


async def test_a_shipment_shows_its_order_and_why_it_waits(world: World, amazon: int, api: Api) -> None:
    shipment = await add_shipment(world.pool, amazon, 1, **FAILED)
    await add_shipment(world.pool, amazon, 2, **SYNCED, order_id="O-1", package_number=2)
    await world.pool.execute("UPDATE store.accounts SET problem = 'token refused'")
    await world.pool.execute(
        "INSERT INTO store.throttles VALUES ($1, now() + interval '1 hour', 'r', true)", amazon
    )
    shown = await detail(api, shipment)
    order = shown["order"]
    assert (order["message"], order["fulfilment"]) == (
        "Requires shipment synchronization",
        "Partially fulfilled",
    )
    assert order["packages"] == {"pending": 0, "synced": 1, "failed": 1, "voided": 0}
    assert (shown["waiting"]["reason"], shown["waiting"]["is_held"]) == ("token refused", True)
    assert shown["items"] == [{"id": "L1", "sku": "MUG", "quantity": 2}]


async def test_the_file_holds_exactly_the_list_in_its_order(
    world: World, amazon: int, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shipments, "EXPORT_PAGE", 2)
    for number in range(9):
        facts = FAILED if number % 3 else SYNCED
        await add_shipment(world.pool, amazon, number, **facts, carrier="ABC"[number % 3])
    for filters in ({}, {"state": "failed", "sort": "carrier"}, {"sort": "-account"}, {"sort": "state"}):
        listed = (await api.get("/shipments", limit=500, **filters))["shipments"]
        head, *lines = await file_of(api, **filters)
        ids = [line[head.index("ID")] for line in lines]
        assert ids == [one["id"] for one in listed]
        assert [line[head.index("Status")] for line in lines] == [one["status"] for one in listed]


async def test_cells_come_back_as_they_were_but_for_those_that_are_formulas(
    world: World, amazon: int, api: Api
) -> None:
    for number, text in enumerate(HOSTILE):
        facts = {"error_message": text, "error_kind": "x", "state": "failed"}
        await add_shipment(world.pool, amazon, number, carrier=text, tracking_numbers=[text], **facts)
    head, *lines = await file_of(api, sort="created")
    for name in ("Carrier", "Error", "Tracking Number"):
        cells = [line[head.index(name)] for line in lines]
        assert [cell.removeprefix("'") for cell in cells] == list(HOSTILE)
        assert [cell.startswith("'") for cell in cells] == [True] * 8 + [False] * 3
    assert all(not cell.startswith(("=", "+", "-", "@", "\t", "\r")) for line in lines for cell in line)


async def test_the_file_states_its_time_zone(world: World, amazon: int, api: Api) -> None:
    await add_shipment(world.pool, amazon, 0, **SYNCED)
    head, line = await file_of(api)
    assert line[head.index("Last Attempt (UTC)")] == "2026-11-20T13:00:00+00:00"
    head, line = await file_of(api, timezone="Europe/Stockholm")
    assert line[head.index("Last Attempt (Europe/Stockholm)")] == "2026-11-20T14:00:00+01:00"
    answer = await api.client.get("/api/v1/shipments.csv")
    assert answer.headers["content-type"].startswith("text/csv; charset=utf-8")
    assert "attachment" in answer.headers["content-disposition"]


@pytest.mark.parametrize(
    ("parameters", "field"),
    [({"timezone": "Mars"}, "timezone"), ({"sort": "x"}, "sort"), ({"limit": 5}, "limit")],
)
async def test_a_file_that_can_not_be_is_refused_before_it_begins(
    api: Api, parameters: dict[str, Any], field: str
) -> None:
    problem = await api.problem("/shipments.csv", **parameters)
    assert (problem["status"], [error["field"] for error in problem["errors"]]) == (400, [field])


async def test_orders_say_whether_they_require_synchronization(world: World, amazon: int, api: Api) -> None:
    await world.pool.execute(
        "INSERT INTO store.marketplace_orders (account_id, source_id, shop_id, order_number, status, "
        "is_shippable, items, ordered_at, updated_at) VALUES ($1, 'O-1', 1, '#1001', 'UNSHIPPED', true, "
        "'[]', $2, $2)",
        amazon,
        NOON,
    )
    for number, facts in enumerate((FAILED, SYNCED, {}, {"state": "voided"}), start=1):
        await add_shipment(world.pool, amazon, number, **facts)
    await add_shipment(world.pool, amazon, 5, **SYNCED, order_id="O-3", package_number=2)
    orders = {order["order_id"]: order for order in (await api.get("/orders"))["orders"]}
    assert {
        key: (order["status"], order["message"], order["fulfilment"]) for key, order in orders.items()
    } == {
        "O-1": ("Failed", "Requires shipment synchronization", "Unfulfilled"),
        "O-2": ("Prepared", None, "Fulfilled"),
        "O-3": ("Fulfillment Pending", None, "Partially fulfilled"),
        "O-4": ("Voided", None, "Unfulfilled"),
    }
    assert (orders["O-1"]["order_status"], orders["O-1"]["ordered_at"]) == (
        "UNSHIPPED",
        "2026-11-20T12:00:00Z",
    )
    assert [order["order_id"] for order in (await api.get("/orders", state="failed"))["orders"]] == ["O-1"]


@pytest.mark.parametrize("sort", ["created", "-created"])
async def test_orders_are_walked_both_ways_whatever_is_added(
    world: World, amazon: int, api: Api, sort: str
) -> None:
    other = await add_account(world.pool, 1, "ebay", "eBay")
    for number in range(11):
        await add_shipment(world.pool, (amazon, other)[number % 2], number)
    await world.pool.execute("UPDATE store.shipped_orders SET first_at = $1", NOON)
    for number in range(11, 16):
        await add_shipment(world.pool, other, number, **FAILED)
    before = {order["order_id"] for order in (await api.get("/orders"))["orders"]}
    pages = [await api.get("/orders", sort=sort, limit=3)]
    while pages[-1]["next"]:
        await add_shipment(world.pool, amazon, 100 + len(pages))
        pages.append(await api.get("/orders", sort=sort, limit=3, cursor=pages[-1]["next"]))
    back = [pages[-1]]
    while back[-1]["previous"]:
        await add_shipment(world.pool, amazon, 200 + len(back))
        back.append(await api.get("/orders", sort=sort, limit=3, cursor=back[-1]["previous"]))
    for walked in (pages, back[::-1]):
        rows = [order for page in walked for order in page["orders"]]
        ids = [order["order_id"] for order in rows]
        assert len(set(ids)) == len(ids)
        assert before <= set(ids)
        moments = [order["first_shipment_at"] for order in rows]
        assert moments == sorted(moments, reverse=sort.startswith("-"))


async def test_orders_filter_by_account_and_date(world: World, amazon: int, api: Api) -> None:
    other = await add_account(world.pool, 1, "ebay", "eBay")
    for number, account in enumerate((amazon, other)):
        await add_shipment(world.pool, account, number)
    moment = NOON + timedelta(days=1)
    for account, at in ((amazon, NOON), (other, moment)):
        await world.pool.execute(
            "UPDATE store.shipped_orders SET first_at = $1 WHERE account_id = $2", at, account
        )
    for filters in (
        {"account_id": str(other)},
        {"created_from": moment.isoformat(), "created_to": (moment + timedelta(hours=1)).isoformat()},
    ):
        assert [order["account"] for order in (await api.get("/orders", **filters))["orders"]] == ["eBay"]
    assert (await api.get("/orders", account_id=str(amazon), created_from="2099-01-01T00:00:00Z"))[
        "orders"
    ] == []


async def test_when_the_broker_is_away_a_shipment_stays_failed(
    world: World, amazon: int, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("query_api.starting.CONNECT_PATIENCE_S", 0)
    shipment = await add_shipment(world.pool, amazon, **FAILED)
    before = await world.pool.fetchrow("SELECT * FROM store.shipments")
    for path, body in ((f"{shipment}/sync", None), ("sync", {"ids": [str(shipment)]})):
        answer = await api.client.post(f"/api/v1/shipments/{path}", json=body)
        assert answer.json()["type"] == "urn:syncledger:problem:broker-unavailable"
    assert await world.pool.fetchrow("SELECT * FROM store.shipments") == before
