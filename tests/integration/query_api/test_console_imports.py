"""Imports in the console: begun, watched, stopped, and what of them failed."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from pydantic import SecretStr

from query_api.auth import Role
from query_api.settings import QueryApiSettings
from shared.envelope import utc_now
from shared.identity import new_task_id
from tests.integration.query_api.test_imports import connect
from tests.integration.query_api.visiting import Visitor, seen, sign_in, submit, text_of, told, visiting
from tests.integration.query_api.world import World, ago, serving
from tests.workers import open_world


@pytest.fixture
async def world(settings: QueryApiSettings, database_url: str, rabbitmq_url: str) -> AsyncIterator[World]:
    """The console with a broker."""
    broker = SecretStr(rabbitmq_url)
    async with open_world(database_url, rabbitmq_url), serving(settings, rabbitmq_url=broker) as world:
        yield world


async def _add(world: World, shop: int, **columns: Any) -> UUID:
    row = {
        "id": uuid4(),
        "shop_id": shop,
        "kinds": ["customers", "orders"],
        "kind": "customers",
        "state": "processing",
        "requested_by": "kim",
        "task_id": new_task_id(),
    } | columns
    places = ", ".join(f"${n}" for n in range(1, len(row) + 1))
    statement = f"INSERT INTO store.imports ({', '.join(row)}) VALUES ({places}) RETURNING id"
    found: UUID = await world.pool.fetchval(statement, *row.values())
    return found


async def test_an_import_is_begun_and_stopped(world: World, shop: int, visitor: Visitor) -> None:
    await connect(world, shop)
    assert "No import is under way." in await text_of(visitor, "/imports")
    begun = await submit(visitor, "/imports", shop="one.example", kinds="orders")
    address = begun.headers["location"]
    text = await text_of(visitor, address)
    assert "The import begins." in text
    assert "Import of One Requested" in text
    assert "Orders, begun by test" in text
    again = await submit(visitor, "/imports", shop="one.example", kinds="orders")
    assert again.headers["location"] == address
    assert "still under way" in await text_of(visitor, address)
    assert "Stopped. What is stored stays" in await told(visitor, f"{address}/stop")
    assert "has ended already" in await told(visitor, f"{address}/stop")
    assert "One Orders Stopped" in await text_of(visitor, "/imports")


async def test_what_can_not_be_begun_is_told(world: World, shop: int, visitor: Visitor) -> None:
    answer = await submit(visitor, "/imports", shop="one.example")
    assert (answer.status_code, "Choose customers, orders or both." in seen(answer)) == (422, True)
    answer = await submit(visitor, "/imports", shop="nowhere.example", kinds="orders")
    assert (answer.status_code, 'id="shop-error"' in answer.text) == (422, True)
    assert "no active account of kind 'shopify'" in await told(
        visitor, "/imports", shop="one.example", kinds="orders"
    )


async def test_progress_has_a_bar_a_pace_and_the_time_left(world: World, shop: int, visitor: Visitor) -> None:
    found = await _add(
        world, shop, total=200, processed=100, failed=10, phase_at=utc_now() - timedelta(seconds=50)
    )
    for address in ("/imports", f"/imports/{found}"):
        page = await visitor.get(address)
        assert '<progress class="progress" max="100" value="52.6"' in page.text
        assert re.search(r"53% 100 of 190 customers (2\.0|1\.9) a second 4\ds left in this step", seen(page))
    await world.pool.execute(
        "UPDATE store.imports SET state = 'staging', byte_offset = 500000, size = 2000000"
    )
    assert "25% 500.0 kB of 2.0 MB" in await text_of(visitor, "/imports")
    await world.pool.execute("UPDATE store.imports SET state = 'exporting', processed = 0")
    assert "The shop writes its export." in await text_of(visitor, "/imports")


async def test_what_failed_is_told_line_by_line(world: World, shop: int, visitor: Visitor) -> None:
    summary = {"customers": {"new": 40, "failed": 51, "orphans": 0}}
    found = await _add(world, shop, kind="orders", lines=7, summary=summary)
    await world.pool.execute(
        "INSERT INTO store.import_failures SELECT $1, 'customers', n, NULL, 'No JSON ' || n"
        " FROM generate_series(1, 51) AS n",
        found,
    )
    assert "Every line of orders so far could be used." in await text_of(visitor, f"/imports/{found}")
    first = await visitor.get(f"/imports/{found}?kind=customers")
    assert "50 — No JSON 50" in seen(first)
    assert "No JSON 51" not in seen(first)
    assert "after=50" in first.text
    assert "51 — No JSON 51" in await text_of(visitor, f"/imports/{found}?kind=customers&after=50")
    for nonsense in ("kind=products", "after=x"):
        await text_of(visitor, f"/imports/{found}?{nonsense}", 400)


async def test_the_history_tells_results_and_reasons(world: World, shop: int, visitor: Visitor) -> None:
    summary = {
        "customers": {"new": 40, "failed": 2, "orphans": 0},
        "orders": {"new": 2, "changed": 7, "orphans": 0},
    }
    ended = {"requested_at": ago(hours=2), "finished_at": ago(hours=1)}
    await _add(world, shop, state="finished", kind="orders", summary=summary, **ended)
    failed = await _add(world, shop, state="failed", problem="The shop refused the export.", **ended)
    text = await text_of(visitor, "/imports")
    assert re.search(r"One Customers and orders Finished 42 7 2 2 hours ago kim (1h|59m 59s)", text)
    assert "One The shop refused the export. Customers and orders Failed" in text
    text = await text_of(visitor, f"/imports/{failed}")
    assert "Why it failed The shop refused the export." in text
    assert "retry its task" in text


async def test_viewers_look_and_strangers_see_nothing(world: World, shop: int) -> None:
    found = await _add(world, shop)
    two = await world.add_shop("two")
    async with visiting(world) as viewer:
        await sign_in(viewer, await world.token(Role.VIEWER))
        text = await text_of(viewer, "/imports")
        assert ("Storing customers" in text, "Start an import" in text, "Stop" in text) == (
            True,
            False,
            False,
        )
        assert (await submit(viewer, "/imports", shop="one.example", kinds="orders")).status_code == 403
        assert (await submit(viewer, f"/imports/{found}/stop")).status_code == 403
    async with visiting(world) as stranger:
        await sign_in(stranger, await world.token(shop_ids=[two]))
        assert "one.example" not in (await stranger.get("/imports")).text
        await text_of(stranger, f"/imports/{found}", 404)
        assert (await submit(stranger, f"/imports/{found}/stop")).status_code == 404
        assert (await stranger.get("/imports?shop=one.example")).status_code == 400
