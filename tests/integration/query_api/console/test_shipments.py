"""The pages of shipments: the list as people narrow and sort it, one in detail, and what they do about it."""

import csv
import io
import re
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

import pytest
from pydantic import SecretStr

from query_api.auth import Role
from query_api.console.shipments import syncing
from query_api.routes import shipment_sync
from query_api.settings import QueryApiSettings
from shared.envelope import State
from shared.tasks import TaskType
from tests.factories import header
from tests.integration.query_api.shipping import add_account, add_shipment
from tests.integration.query_api.test_shipment_list import FAILED, SYNCED
from tests.integration.query_api.visiting import (
    SAME_ORIGIN,
    Visitor,
    seen,
    sign_in,
    submit,
    text_of,
    told,
    visiting,
)
from tests.integration.query_api.world import World, serving
from tests.integration.recorder.histories import life
from tests.workers import open_world


@pytest.fixture
async def world(settings: QueryApiSettings, database_url: str, rabbitmq_url: str) -> AsyncIterator[World]:
    """With a broker, so that what people start is started."""
    broker = SecretStr(rabbitmq_url)
    async with open_world(database_url, rabbitmq_url), serving(settings, rabbitmq_url=broker) as world:
        yield world


@pytest.fixture
async def amazon(world: World, shop: int) -> int:
    return await add_account(world.pool, shop)


async def orders(client: Visitor, address: str) -> list[str]:
    """The order numbers of the rows, from the top down."""
    answer = await client.get(address)
    assert answer.status_code == 200, answer.text
    return re.findall(r'<a class="task-link"[^>]*>([^<]*)</a>', answer.text)


async def state_of(world: World, shipment: UUID) -> str:
    state: str = await world.pool.fetchval("SELECT state FROM store.shipments WHERE id = $1", shipment)
    return state


async def test_the_list_shows_how_shipments_stand(world: World, amazon: int, visitor: Visitor) -> None:
    await add_shipment(world.pool, amazon, 1, **SYNCED)
    await add_shipment(world.pool, amazon, 2, **FAILED)
    await add_shipment(
        world.pool, amazon, 3, order_id="O-2", order_number="#1002", package_number=2, **SYNCED
    )
    page = await text_of(visitor, "/shipments")
    for title in ("Carrier / Service", "Tracking number", "Shipped quantity", "Last attempt", "Error count"):
        assert title in page
    assert "Requires shipment synchronization: 1 shipment." in page
    assert re.search(r"#1002 Partially fulfilled Amazon EU Failed", page)
    assert "Prepared" in page
    raw = (await visitor.get("/shipments")).text
    assert 'data-copy="UA000000002SE"' in raw
    assert "data-refresh-now>Update</a>" in raw
    assert await orders(visitor, "/shipments") == ["#1002", "#1002", "#1001"]


async def test_filters_and_order_stand_in_the_address(world: World, amazon: int, visitor: Visitor) -> None:
    ebay = await add_account(world.pool, 1, "ebay", "eBay")
    for number in (1, 2, 3):
        await add_shipment(world.pool, amazon, number, carrier=f"C{9 - number}", **FAILED)
    await add_shipment(world.pool, ebay, 4, **SYNCED)
    for query, wanted in (
        ("state=failed", ["#1003", "#1002", "#1001"]),
        ("state=success", ["#1004"]),
        (f"account_id={ebay}", ["#1004"]),
        ("order_number=1002", ["#1002"]),
        ("tracking_number=UA000000003SE", ["#1003"]),
        ("shipment_id=S-1", ["#1001"]),
        ("created_from=2026-11-20T12:03:00Z", ["#1004", "#1003"]),
        ("state=failed&sort=carrier", ["#1003", "#1002", "#1001"]),
        ("state=failed&sort=-carrier", ["#1001", "#1002", "#1003"]),
        ("sort=created&state=&q=unknown", ["#1001", "#1002", "#1003", "#1004"]),
    ):
        assert await orders(visitor, f"/shipments?{query}") == wanted, query
    raw = (await visitor.get("/shipments?state=failed&sort=carrier")).text
    assert 'aria-sort="ascending"' in raw
    assert "/shipments?state=failed&amp;sort=-carrier" in raw
    assert "/shipments?state=failed&amp;sort=-quantity" in raw
    assert 'href="/shipments?state=failed"' in raw
    for wrong in ("state=nonsense", "sort=nonsense", "created_from=then", "cursor=x", "account_id=x"):
        await text_of(visitor, f"/shipments?{wrong}", 400)


async def test_moments_of_the_viewers_clock_become_absolute(world: World, visitor: Visitor) -> None:
    visitor.cookies.set("syncledger_zone", "Europe/Stockholm")
    answer = await visitor.get("/shipments?last_attempt_from=2026-11-20T13:00&state=failed")
    assert answer.status_code == 303
    where = answer.headers["location"]
    assert where == "/shipments?last_attempt_from=2026-11-20T13%3A00%3A00%2B01%3A00&state=failed"
    assert "Last attempt from: 2026-11-20 13:00" in await text_of(visitor, where)


async def test_pages_follow_each_other(world: World, amazon: int, visitor: Visitor) -> None:
    for number in range(53):
        await add_shipment(world.pool, amazon, number, **SYNCED)
    raw = (await visitor.get("/shipments?state=synced")).text
    found = re.search(r'rel="next" href="([^"]*)"', raw)
    assert found is not None
    assert await orders(visitor, found[1].replace("&amp;", "&")) == ["#1002", "#1001", "#1000"]


async def test_empty_lists_say_what_to_do(visitor: Visitor) -> None:
    assert "No shipments yet" in await text_of(visitor, "/shipments")
    assert "No shipment matches these filters" in await text_of(visitor, "/shipments?state=failed")


async def test_the_file_has_the_listed_rows_in_their_order(
    world: World, amazon: int, visitor: Visitor
) -> None:
    for number, carrier in ((1, "B"), (2, "C"), (3, "A")):
        await add_shipment(world.pool, amazon, number, carrier=carrier, **FAILED)
    await add_shipment(world.pool, amazon, 4, **SYNCED)
    raw = (await visitor.get("/shipments?state=failed&sort=carrier")).text
    found = re.search(r'href="(/shipments\.csv\?[^"]*)" download', raw)
    assert found is not None
    visitor.cookies.set("syncledger_zone", "Europe/Stockholm")
    answer = await visitor.get(found[1].replace("&amp;", "&"))
    assert "attachment" in answer.headers["content-disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [row["Order Number"] for row in rows] == ["#1003", "#1001", "#1002"]
    assert rows[0]["Created (Europe/Stockholm)"] == "2026-11-20T13:03:00+01:00"


async def test_one_shipment_shows_attempts_facts_and_how_to_do_it_by_hand(
    world: World, shop: int, amazon: int, visitor: Visitor
) -> None:
    task = header(type=TaskType.WRITEBACK_SHIPMENT, shop_id=shop, account_id=amazon, source_id="O-1")
    await world.record(life(task, [State.RETRYING, State.FAILED]))
    facts = {"task_id": task.id, "task_ids": [task.id], "tracking_url": "https://track.example/1"}
    shipment = await add_shipment(world.pool, amazon, 1, **FAILED | facts)
    page = await text_of(visitor, f"/shipments/{shipment}")
    assert "Requires shipment synchronization" in page
    for fact in (
        "Carrier / Service PostNord / MyPack",
        "Tracking number UA000000001SE",
        "Shipped quantity 2",
        "Error count",
        "Last attempt",
        "By hand: Confirm Shipment in Amazon Seller Central",
        "attempt 2 of",
        "What to do:",
    ):
        assert fact in page
    assert "POST /api/v1" not in page
    raw = (await visitor.get(f"/shipments/{shipment}")).text
    assert 'data-copy="UA000000001SE" aria-label="Copy Tracking ID"' in raw
    assert 'href="https://track.example/1"' in raw
    assert f'href="/tasks/{task.id}" data-dialog' in raw
    await text_of(visitor, f"/shipments/{uuid4()}", 404)
    withheld = "What was sent and answered is for the roles operator and admin"
    assert withheld not in page
    async with visiting(world) as client:
        await sign_in(client, await world.token(Role.VIEWER))
        assert withheld in await text_of(client, f"/shipments/{shipment}")


async def test_addresses_that_are_none_are_no_links(world: World, amazon: int, visitor: Visitor) -> None:
    shipment = await add_shipment(world.pool, amazon, 1, tracking_url="javascript:alert(1)")
    assert "javascript:" not in (await visitor.get(f"/shipments/{shipment}")).text


async def test_one_is_synchronised_and_only_once(world: World, amazon: int, visitor: Visitor) -> None:
    shipment = await add_shipment(world.pool, amazon, 1, **FAILED)
    answer = await submit(visitor, f"/shipments/{shipment}/sync", back="/shipments?state=failed")
    assert (answer.status_code, answer.headers["location"]) == (303, "/shipments?state=failed")
    assert "It was started." in await text_of(visitor, "/shipments?state=failed")
    assert await state_of(world, shipment) == "pending"
    assert "is not started twice" in await told(visitor, f"/shipments/{shipment}/sync")
    elsewhere = await submit(visitor, f"/shipments/{shipment}/sync", back="//evil.example")
    assert elsewhere.headers["location"] == "/"
    assert (await submit(visitor, f"/shipments/{uuid4()}/sync")).status_code == 404


async def test_ticked_ones_are_planned_and_then_started(world: World, amazon: int, visitor: Visitor) -> None:
    failed = [await add_shipment(world.pool, amazon, number, **FAILED) for number in (1, 2)]
    through = await add_shipment(world.pool, amazon, 3, **SYNCED)
    ids = ",".join(map(str, [*failed, through]))
    answer = await submit(visitor, "/shipments/sync/plan", ids=ids, filter="sort=carrier")
    assert answer.status_code == 200
    plan = seen(answer)
    assert "Shipments 3 ticked Would be started 2" in plan
    assert "1 shipment — It is synchronised already" in plan
    assert "Amazon EU 2 2 1s" in plan
    assert {await state_of(world, one) for one in failed} == {"failed"}
    answer = await submit(visitor, "/shipments/sync", which="ticked", ids=ids, filter="sort=carrier")
    assert answer.headers["location"] == "/shipments?sort=carrier"
    assert "2 shipments are being synchronised." in await text_of(visitor, "/shipments?sort=carrier")
    assert {await state_of(world, one) for one in failed} == {"pending"}
    for ids, words in (("", "No shipment is ticked"), ("x", "ids"), (",".join(["x"] * 501), "At most 500")):
        assert words in await told(visitor, "/shipments/sync/plan", ids=ids)


async def test_all_that_match_are_started_and_the_rest_is_offered(
    world: World, amazon: int, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shipment_sync, "MOST_AT_ONCE", 2)
    monkeypatch.setattr(syncing, "MOST_ROUNDS", 2)
    for number in range(5):
        await add_shipment(world.pool, amazon, number, **FAILED)
    other = await add_shipment(world.pool, await add_account(world.pool, 1, "ebay", "eBay"), 9, **FAILED)
    query = urlencode({"account_id": amazon, "state": "failed"})
    assert "Synchronise 5 shipments" in await text_of(visitor, f"/shipments/sync?{query}")
    answer = await submit(visitor, "/shipments/sync", which="matching", filter=query)
    where = answer.headers["location"]
    assert where.startswith(f"/shipments/sync?{query}&cursor=")
    page = await text_of(visitor, where)
    assert "4 shipments are being synchronised. There are more." in page
    assert "Go on with 1 shipment" in page
    cursor = where.split("cursor=")[1]
    said = await told(visitor, "/shipments/sync", which="matching", filter=query, cursor=cursor)
    assert "1 shipment is being synchronised." in said
    assert await state_of(world, other) == "failed"
    assert "None can be started" in await told(visitor, "/shipments/sync", which="matching", filter=query)


async def test_what_was_done_by_hand_is_failed_no_more(world: World, amazon: int, visitor: Visitor) -> None:
    shipment = await add_shipment(world.pool, amazon, 1, **FAILED)
    address = f"/shipments/{shipment}/done-by-hand"
    wrong = await submit(visitor, address, note="x" * 501)
    assert wrong.status_code == 422
    assert 'aria-invalid="true"' in wrong.text
    assert "x" * 501 in wrong.text
    assert "Marked as done by hand by test: in Seller Central" in await told(
        visitor, address, note=" in Seller Central "
    )
    assert await state_of(world, shipment) == "synced"
    pending = await add_shipment(world.pool, amazon, 2)
    assert "It has not failed" in await told(visitor, f"/shipments/{pending}/done-by-hand")


async def test_viewers_read_and_others_shipments_are_not_there(world: World, shop: int, amazon: int) -> None:
    own: dict[str, Any] = {**FAILED, "carrier": "OwnCarrier"}
    shipment = await add_shipment(world.pool, amazon, 1, **own)
    theirs = await add_shipment(
        world.pool, await add_account(world.pool, await world.add_shop("two")), 2, **FAILED
    )
    async with visiting(world) as client:
        await sign_in(client, await world.token(Role.VIEWER, shop_ids=[shop]))
        page = (await client.get("/shipments")).text
        assert "OwnCarrier" in page
        assert "#1002" not in page
        for words in ("Synchronise my shipments", "/sync", 'type="checkbox" name="id"'):
            assert words not in page
        assert "ask somebody with the role operator" in await text_of(client, f"/shipments/{shipment}")
        foreign, none = [await client.get(f"/shipments/{one}") for one in (theirs, uuid4())]
        assert (foreign.status_code, foreign.text) == (none.status_code, none.text) == (404, none.text)
        assert "#1002" not in (await client.get("/shipments.csv")).text
        for path in (f"{shipment}/sync", f"{shipment}/done-by-hand", "sync/plan"):
            assert (await submit(client, f"/shipments/{path}")).status_code == 403
        assert (await client.get("/shipments/sync")).status_code == 403


async def test_forms_without_the_pages_token_are_refused(world: World, amazon: int, visitor: Visitor) -> None:
    shipment = await add_shipment(world.pool, amazon, 1, **FAILED)
    for path in (f"{shipment}/sync", f"{shipment}/done-by-hand", "sync", "sync/plan"):
        data = {"which": "matching"}
        answer = await visitor.post(f"/shipments/{path}", data=data, headers=SAME_ORIGIN)
        assert answer.status_code == 403
    assert await state_of(world, shipment) == "failed"
