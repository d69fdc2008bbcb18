"""A person begins an import, watches it and stops it; a second one is refused and says which runs."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import orjson
import pytest
from pydantic import SecretStr

from query_api.auth import Role
from query_api.settings import QueryApiSettings
from shared.envelope import utc_now
from shared.tasks import TaskType
from tests.integration.query_api.world import Api, World, serving
from tests.waiting import eventually
from tests.workers import World as Broker
from tests.workers import open_world

PATH = "/api/v1/imports"


@pytest.fixture
async def published(database_url: str, rabbitmq_url: str) -> AsyncIterator[Broker]:
    async with open_world(database_url, rabbitmq_url) as broker:
        yield broker


@pytest.fixture
async def world(settings: QueryApiSettings, rabbitmq_url: str, published: Broker) -> AsyncIterator[World]:
    """The API with a broker."""
    async with serving(settings, rabbitmq_url=SecretStr(rabbitmq_url)) as world:
        yield world


@pytest.fixture
async def shop(world: World) -> int:
    """A shop that can be asked for exports."""
    shop_id = await world.add_shop()
    await connect(world, shop_id)
    return shop_id


async def connect(world: World, shop_id: int) -> None:
    await world.pool.execute(
        "INSERT INTO store.accounts (shop_id, kind, name, base_url, credentials)"
        " VALUES ($1, 'shopify', 'S', 'https://x', '')",
        shop_id,
    )


async def begin(api: Api, **wanted: Any) -> httpx.Response:
    return await api.client.post(PATH, json={"shop": "one.example"} | wanted)


async def begun(api: Api, **wanted: Any) -> dict[str, Any]:
    answer = await begin(api, **wanted)
    assert answer.status_code == 202, answer.text
    found: dict[str, Any] = answer.json()["import"]
    return found


async def set_row(world: World, import_id: str, **columns: Any) -> None:
    for name, value in columns.items():
        statement = f"UPDATE store.imports SET {name} = $1 WHERE id = $2"
        await world.pool.execute(statement, value, UUID(import_id))


async def test_an_import_begins_as_a_task_of_the_person(
    world: World, shop: int, published: Broker, api: Api
) -> None:
    answer = await begin(api, kinds=["orders", "customers", "orders"])
    started = answer.json()["import"]
    assert (answer.status_code, started["state"]) == (202, "requested")
    assert started["kinds"] == ["customers", "orders"]
    assert answer.headers["Location"] == f"{PATH}/{started['id']}"
    await eventually(lambda: bool(published.published), what="the task is published")
    (queued,) = published.published
    assert queued.task.type is TaskType.HANDLE_BULK_IMPORT_CREATE_REQUEST
    assert (str(queued.task.id), queued.task.shop_id) == (started["task_id"], shop)
    assert queued.detail.actor == "test"
    assert queued.payload is not None
    assert orjson.loads(queued.payload.body) == {
        "import_id": started["id"],
        "kinds": ["customers", "orders"],
        "requested_by": "test",
    }


async def test_a_second_import_is_refused_and_says_which_one_runs(world: World, shop: int, api: Api) -> None:
    first = await begun(api)
    answer = await begin(api)
    assert answer.status_code == 409
    assert first["id"] in answer.json()["detail"]
    assert answer.headers["Location"] == f"{PATH}/{first['id']}"


async def test_who_began_and_stopped_it_is_in_the_audit_log_and_a_repeated_request_does_nothing(
    world: World, shop: int, api: Api
) -> None:
    key = {"Idempotency-Key": "begin-1"}
    asked = {"shop": "one.example", "kinds": ["orders"]}
    first, again = [await api.client.post(PATH, json=asked, headers=key) for _ in range(2)]
    assert (first.status_code, again.json()) == (202, first.json())
    assert again.headers["idempotent-replayed"] == "true"
    import_id = first.json()["import"]["id"]
    stop, key = f"{PATH}/{import_id}/stop", {"Idempotency-Key": "stop-1"}
    stopped = [(await api.client.post(stop, headers=key)).status_code for _ in range(2)]
    assert stopped == [200, 200]
    deeds = await world.pool.fetch("SELECT * FROM admin.audit_log ORDER BY id")
    assert [deed["action"] for deed in deeds] == ["import.begin", "import.stop"]
    assert {(deed["actor"], deed["address"], deed["subject"], deed["shop_id"]) for deed in deeds} == {
        ("test", "127.0.0.1", import_id, shop)
    }
    assert deeds[0]["detail"] == {"kinds": ["orders"]}


async def test_of_many_that_ask_at_once_one_gets_its_import(
    world: World, shop: int, published: Broker, api: Api
) -> None:
    answers = await asyncio.gather(*(begin(api) for _ in range(8)))
    assert sorted(answer.status_code for answer in answers) == [202, *[409] * 7]
    await eventually(lambda: bool(published.published))
    assert len(published.published) == 1


async def test_shops_import_side_by_side(world: World, shop: int, api: Api) -> None:
    await connect(world, await world.add_shop("two"))
    assert (await begun(api))["id"] != (await begun(api, shop="two.example"))["id"]


async def test_without_a_broker_nothing_is_begun(
    settings: QueryApiSettings,
) -> None:
    async with serving(settings) as alone:
        await connect(alone, await alone.add_shop())
        async with alone.reader() as api:
            answer = await begin(api)
            listed = (await api.get("/imports"))["imports"]
    assert (answer.status_code, listed) == (503, [])
    assert "Retry-After" in answer.headers


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        ({"shop": "nobody.example"}, (400, "shop")),
        ({"kinds": []}, (400, "kinds")),
        ({"kinds": ["products"]}, (400, "kinds")),
        ({"shop": "bare.example"}, (409, "account of kind 'shopify'")),
        ({"shop": "gone.example"}, (409, "not connected")),
    ],
)
async def test_what_can_not_be_imported_is_told(
    world: World, shop: int, api: Api, wanted: dict[str, Any], told: tuple[int, str]
) -> None:
    await world.add_shop("bare")
    gone = await world.add_shop("gone")
    await world.pool.execute("UPDATE store.shops SET is_active = false WHERE id = $1", gone)
    answer = await begin(api, **wanted)
    assert (answer.status_code, told[1] in answer.text) == (told[0], True), answer.text


async def test_a_viewer_may_look_but_not_begin_or_stop(world: World, shop: int, api: Api) -> None:
    started = await begun(api)
    async with world.reader(Role.VIEWER) as viewer:
        assert (await begin(viewer)).status_code == 403
        assert (await viewer.client.post(f"{PATH}/{started['id']}/stop")).status_code == 403
        assert (await viewer.get(f"/imports/{started['id']}"))["import"]["id"] == started["id"]


async def test_other_shops_imports_are_not_there(world: World, shop: int, api: Api) -> None:
    started = await begun(api)
    other = await world.add_shop("two")
    async with world.reader(shop_ids=[other]) as stranger:
        assert (await stranger.get("/imports"))["imports"] == []
        for path in ("", "/failures"):
            answer = await stranger.client.get(f"{PATH}/{started['id']}{path}")
            assert answer.status_code == 404
        assert (await stranger.client.post(f"{PATH}/{started['id']}/stop")).status_code == 404


async def test_progress_is_readable_while_it_runs(world: World, shop: int, api: Api) -> None:
    started = await begun(api)
    summary = {"customers": {"new": 40, "to_sync": 40}}
    await set_row(
        world, started["id"], state="processing", total=200, processed=100, failed=10, summary=summary
    )
    await set_row(world, started["id"], phase_at=utc_now() - timedelta(seconds=50))
    found = (await api.get(f"/imports/{started['id']}"))["import"]
    assert (found["processed"], found["failed"], found["total"]) == (100, 10, 200)
    assert found["per_second"] == pytest.approx(2.0, abs=0.1)
    assert found["seconds_left"] == pytest.approx(45, abs=2)
    assert found["parts"][0] == {"kind": "customers", "state": "under_way", "counts": summary["customers"]}
    assert found["parts"][1]["state"] == "waiting"
    await set_row(world, started["id"], state="staging", byte_offset=500, size=2_000)
    found = (await api.get("/imports", shop="one.example"))["imports"][0]
    assert found["seconds_left"] == pytest.approx(150, abs=4)
    await set_row(world, started["id"], state="syncing", summary=summary | {"handed_over": 10})
    found = (await api.get(f"/imports/{started['id']}"))["import"]
    assert (found["to_sync"], found["handed_over"]) == (40, 10)
    assert found["seconds_left"] == pytest.approx(150, abs=4)


async def test_an_import_is_stopped_once(world: World, shop: int, api: Api) -> None:
    started = await begun(api)
    stopped = await api.client.post(f"{PATH}/{started['id']}/stop")
    assert (stopped.status_code, stopped.json()["import"]["state"]) == (200, "stopped")
    again = await api.client.post(f"{PATH}/{started['id']}/stop")
    assert (again.status_code, "stopped" in again.json()["detail"]) == (409, True)
    assert (await begin(api)).status_code == 202


async def test_failed_lines_are_listed_with_their_reason(world: World, shop: int, api: Api) -> None:
    started = await begun(api)
    for line in (3, 7, 12):
        await world.pool.execute(
            "INSERT INTO store.import_failures VALUES ($1, 'customers', $2, NULL, 'The line is not JSON')",
            UUID(started["id"]),
            line,
        )
    first = await api.get(f"/imports/{started['id']}/failures", limit=2)
    assert [one["line"] for one in first["failures"]] == [3, 7]
    assert first["failures"][0]["reason"] == "The line is not JSON"
    rest = await api.get(f"/imports/{started['id']}/failures", limit=2, after=first["next"])
    assert ([one["line"] for one in rest["failures"]], rest["next"]) == ([12], None)
    assert (await api.get(f"/imports/{started['id']}/failures", kind="orders"))["failures"] == []


async def test_an_unknown_import_is_not_found(world: World, shop: int, api: Api) -> None:
    assert (await api.client.get(f"{PATH}/{uuid4()}")).status_code == 404
