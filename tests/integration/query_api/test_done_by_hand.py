"""A person says that they did a shipment by hand: once, written down, and seen everywhere."""

import asyncio
import csv
import io
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from query_api.auth import Role
from shared.envelope import State
from shared.tasks import TaskType
from tests.integration.query_api.shipping import add_account, add_shipment
from tests.integration.query_api.test_shipment_list import FAILED, SYNCED
from tests.integration.query_api.world import Api, World

AUDIT = "SELECT actor, token_id, action, shop_id, subject, detail FROM admin.audit_log"
NOTE = "Confirmed in Seller Central"
MARK = "Marked as done by hand by test"


@pytest.fixture
async def amazon(world: World, shop: int) -> int:
    return await add_account(world.pool, shop)


async def mark(api: Api, shipment: UUID, **body: Any) -> httpx.Response:
    address = f"/api/v1/shipments/{shipment}/done-by-hand"
    return await api.client.post(address, json=body or None)


async def row_of(world: World, shipment: UUID) -> Any:
    return await world.pool.fetchrow("SELECT * FROM store.shipments WHERE id = $1", shipment)


async def test_a_failed_one_counts_as_told_and_says_by_whom(world: World, amazon: int, api: Api) -> None:
    changes: dict[str, Any] = {"version": 3, "told_version": 1, "tried_version": 2, "tried_numbers": ["OLD"]}
    shipment = await add_shipment(world.pool, amazon, **FAILED, **changes)
    answer = await mark(api, shipment, note=f"  {NOTE} ")
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert (body["shipment"], body["state"], body["status"]) == (str(shipment), "synced", "Prepared")
    assert body["note"] == f"{MARK}: {NOTE}"
    row = await row_of(world, shipment)
    assert (row["told_version"], row["tried_version"], row["target_id"]) == (3, 3, None)
    assert sorted(row["tried_numbers"]) == ["OLD", "UA000000001SE"]
    assert (row["error_kind"], row["error_message"]) == (None, None)
    assert row["told"]["tracking_numbers"] == ["UA000000001SE"]
    assert row["synced_at"].isoformat().replace("+00:00", "Z") == body["synced_at"]


async def test_one_that_was_taken_back_is_voided(world: World, amazon: int, api: Api) -> None:
    facts = FAILED | {"is_void": True, "error_kind": "by_hand"}
    shipment = await add_shipment(world.pool, amazon, **facts, told={"carrier": "UPS"})
    assert (await mark(api, shipment)).json()["state"] == "voided"
    row = await row_of(world, shipment)
    assert (row["state"], row["note"], row["told"], row["told_version"]) == ("voided", MARK, None, 1)


async def test_list_file_detail_and_order_show_it(world: World, amazon: int, api: Api) -> None:
    shipment = await add_shipment(world.pool, amazon, **FAILED)
    await mark(api, shipment, note=NOTE)
    (listed,) = (await api.get("/shipments", state="synced"))["shipments"]
    assert (listed["status"], listed["note"], listed["error_message"]) == (
        "Prepared",
        f"{MARK}: {NOTE}",
        None,
    )
    shown = (await api.get(f"/shipments/{shipment}"))["shipment"]
    assert (shown["note"], shown["manual_steps"], shown["error"]) == (listed["note"], None, None)
    assert (shown["order"]["status"], shown["order"]["message"]) == ("Prepared", None)
    answer = await api.client.get("/api/v1/shipments.csv")
    head, line = csv.reader(io.StringIO(answer.text, newline=""))
    assert line[head.index("Note")] == listed["note"]


async def test_it_is_written_down_once_however_often_it_is_said(world: World, amazon: int, api: Api) -> None:
    shipment = await add_shipment(world.pool, amazon, **FAILED)
    clicks = await asyncio.gather(*(mark(api, shipment, note=NOTE) for _ in range(3)))
    again = await mark(api, shipment, note="other words")
    answers = [answer.json() | {"as_of": None} for answer in (*clicks, again)]
    assert answers == [answers[0]] * 4
    (entry,) = await world.pool.fetch(AUDIT)
    token_id = await world.pool.fetchval("SELECT id FROM admin.api_tokens")
    assert (entry["actor"], entry["token_id"], entry["shop_id"]) == ("test", token_id, 1)
    assert (entry["action"], entry["subject"]) == ("shipment.done-by-hand", str(shipment))
    assert (entry["detail"]["state"], entry["detail"]["version"]) == ("synced", 1)
    assert NOTE not in str(entry["detail"])


async def test_somebody_else_is_told_who_was_first(world: World, amazon: int, api: Api) -> None:
    shipment = await add_shipment(world.pool, amazon, **FAILED)
    await mark(api, shipment)
    await world.pool.execute("UPDATE admin.api_tokens SET name = 'Ann'")
    second = await mark(api, shipment)
    assert (second.status_code, MARK in second.json()["detail"]) == (409, True)


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({}, "still being synchronised"),
        (SYNCED, "It is synchronised"),
        ({"state": "voided", "is_void": True}, "It is voided"),
    ],
    ids=["pending", "synced", "voided"],
)
async def test_what_has_not_failed_is_left_alone(
    world: World, amazon: int, api: Api, facts: dict[str, Any], words: str
) -> None:
    shipment = await add_shipment(world.pool, amazon, **facts)
    before = await row_of(world, shipment)
    answer = await mark(api, shipment)
    assert (answer.status_code, words in answer.json()["detail"]) == (409, True)
    assert await row_of(world, shipment) == before
    assert await world.pool.fetch(AUDIT) == []


@pytest.mark.parametrize("state", [State.QUEUED, State.PROCESSING, State.RETRYING])
async def test_a_write_back_that_is_under_way_is_waited_for(
    world: World, amazon: int, api: Api, state: State
) -> None:
    task = await world.record_task(state, shop_id=1, type=TaskType.WRITEBACK_SHIPMENT, account_id=amazon)
    shipment = await add_shipment(world.pool, amazon, **FAILED | {"task_id": task.id})
    await world.pool.execute("UPDATE store.shipments SET task_id = $1", uuid4())
    answer = await mark(api, shipment)
    assert (answer.status_code, "under way" in answer.json()["detail"]) == (409, True)

    over = "INSERT INTO store.inbox (task_id, attempt, is_running, is_over) VALUES ($1, 1, false, true)"
    await world.pool.execute(over, task.id)
    assert (await mark(api, shipment)).status_code == 200


@pytest.mark.parametrize("role", list(Role))
async def test_only_operators_mark_and_only_their_shops_shipments(
    world: World, amazon: int, role: Role
) -> None:
    theirs = await add_account(world.pool, await world.add_shop("two"), "ebay", "Theirs")
    mine, other = [await add_shipment(world.pool, account, **FAILED) for account in (amazon, theirs)]
    async with world.reader(role, shop_ids=[1]) as reader:
        if role is Role.VIEWER:
            assert {(await mark(reader, one)).status_code for one in (mine, other)} == {403}
            return
        unknown = await mark(reader, uuid4())
        assert (unknown.status_code, (await mark(reader, other)).json()) == (404, unknown.json())
        assert (await mark(reader, mine)).status_code == 200
    assert (await row_of(world, other))["state"] == "failed"


@pytest.mark.parametrize(
    ("body", "field"),
    [({"note": "x" * 501}, "note"), ({"note": "a\x00b"}, "note"), ({"state": "synced"}, "state")],
    ids=["too long", "not text", "unknown"],
)
async def test_nothing_but_a_short_note_is_taken(
    world: World, amazon: int, api: Api, body: dict[str, Any], field: str
) -> None:
    shipment = await add_shipment(world.pool, amazon, **FAILED)
    answer = await mark(api, shipment, **body)
    assert (answer.status_code, [one["field"] for one in answer.json()["errors"]]) == (400, [field])
    assert (await row_of(world, shipment))["state"] == "failed"


async def test_a_later_correction_that_failed_can_be_marked_anew(world: World, amazon: int, api: Api) -> None:
    shipment = await add_shipment(world.pool, amazon, **FAILED)
    await mark(api, shipment)
    await world.pool.execute(
        "UPDATE store.shipments SET version = 2, state = 'failed', tracking_numbers = '{NEW}', note = NULL"
    )
    assert (await mark(api, shipment, note="again")).json()["note"] == f"{MARK}: again"
    row = await row_of(world, shipment)
    assert (row["told_version"], sorted(row["tried_numbers"])) == (2, ["NEW", "UA000000001SE"])
    assert len(await world.pool.fetch(AUDIT)) == 2
