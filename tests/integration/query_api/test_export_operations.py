"""Files made in the background: begun, followed, downloaded by who asked, and gone when they expire."""

import asyncio
import csv
import io
from typing import Any

import openpyxl
import pytest

from query_api.auth import Role
from query_api.export import writing
from query_api.export.writing import pieces
from query_api.maintenance.retention import apply_retention
from query_api.operations import exporting
from query_api.recorder.settings import RecorderSettings
from query_api.settings import QueryApiSettings
from shared.envelope import State
from tests.integration.query_api.operating import changed, ended, operation
from tests.integration.query_api.visiting import sign_in, submit, text_of, told, visiting
from tests.integration.query_api.world import Api, World, ago, ids_of
from tests.waiting import eventually

EXPORT = "/api/v1/tasks/export"


@pytest.fixture(autouse=True)
def _small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "PAGE", 3)
    monkeypatch.setattr(exporting, "PART_BYTES", 500)


@pytest.fixture
async def tasks(world: World, shop: int) -> list[str]:
    """The newest first."""
    made = [await world.record_task(State.FAILED, shop_id=shop, begins_at=ago(minutes=n)) for n in range(10)]
    return ids_of(made)


async def begun(api: Api, **wanted: Any) -> str:
    answer = await api.client.post(EXPORT, json=wanted)
    assert answer.status_code == 202, answer.text
    assert answer.headers["location"] == f"/api/v1/operations/{answer.json()['operation']['id']}"
    return str(answer.json()["operation"]["id"])


async def test_a_large_export_is_made_in_the_background(world: World, api: Api, tasks: list[str]) -> None:
    operation_id = await begun(api, columns=["id,state"], filter={"sort": "created"}, timezone="Asia/Tokyo")
    over = await ended(api, operation_id)
    assert (over["state"], over["total"], over["done"]) == ("succeeded", 10, 10)
    assert (over["kind"], over["options"]["columns"]) == ("export", ["id", "state"])
    answer = await api.client.get(over["file"]["href"])
    rows = list(csv.DictReader(io.StringIO(answer.text, newline="")))
    assert [row["ID"] for row in rows] == tasks[::-1]
    assert answer.headers["content-type"] == over["file"]["media_type"]
    assert answer.headers["content-disposition"] == f'attachment; filename="{over["file"]["name"]}"'
    assert over["file"]["size"] == len(answer.content)


async def test_ticked_tasks_are_exported_as_far_as_they_may_be_seen(
    world: World, shop: int, tasks: list[str]
) -> None:
    foreign = await world.record_task(shop_id=await world.add_shop("two"))
    async with world.reader(Role.OPERATOR, shop_ids=[shop]) as api:
        ticked = [*tasks[1:9:2], str(foreign.id)]
        over = await ended(api, await begun(api, columns=["id"], ids=ticked))
        assert (over["state"], over["filter"], over["total"]) == ("succeeded", None, 5)
        rows = list(
            csv.DictReader(io.StringIO((await api.client.get(over["file"]["href"])).text, newline=""))
        )
    assert [row["ID"] for row in rows] == tasks[1:9:2]
    async with visiting(world) as client:
        await sign_in(client, await world.token(Role.OPERATOR, shop_ids=[shop]))
        answer = await submit(client, "/export", format="xlsx", ids=",".join(ticked), filter="state=failed")
        assert "ticked tasks" in await text_of(client, answer.headers["location"])
        assert "no task ids" in await told(client, "/export", format="csv", ids="x")


async def test_its_parts_are_sealed(world: World, api: Api, tasks: list[str]) -> None:
    await ended(api, await begun(api, filter={"state": ["failed"]}))
    parts = [row["content"] for row in await world.pool.fetch("SELECT content FROM admin.export_parts")]
    assert len(parts) > 3
    assert not any(tasks[0].encode() in part or b"failed" in part for part in parts)


async def test_a_workbook_made_in_the_background_can_be_opened(api: Api, tasks: list[str]) -> None:
    over = await ended(api, await begun(api, format="xlsx", columns=["id"]))
    book = openpyxl.load_workbook(io.BytesIO((await api.client.get(over["file"]["href"])).content))
    assert [row[0].value for row in book["Tasks"].iter_rows()] == ["ID", *tasks]
    assert book["Summary"]["B1"].value == 10


async def test_a_file_is_for_who_asked_for_it(world: World, shop: int, tasks: list[str]) -> None:
    foreign = await world.add_shop("two")
    async with (
        world.reader(Role.VIEWER, shop_ids=[shop]) as mine,
        world.reader(shop_ids=[shop]) as colleague,
        world.reader(shop_ids=[foreign]) as stranger,
    ):
        over = await ended(mine, await begun(mine))
        asked = [await one.client.get(over["file"]["href"]) for one in (mine, colleague, stranger)]
        assert [answer.status_code for answer in asked] == [200, 403, 404]


async def test_viewers_end_their_own_exports_and_no_others(
    world: World, shop: int, tasks: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def endless(*given: Any) -> Any:
        yield await anext(pieces(*given))
        await asyncio.Event().wait()

    monkeypatch.setattr(exporting, "pieces", endless)
    foreign = await world.add_shop("two")
    async with (
        world.reader(Role.VIEWER, shop_ids=[shop]) as mine,
        world.reader(Role.VIEWER, shop_ids=[shop]) as colleague,
        world.reader(Role.VIEWER, shop_ids=[foreign]) as stranger,
    ):
        operation_id = await begun(mine)
        await changed(mine, operation_id, "pause", 403)
        await changed(colleague, operation_id, "abort", 403)
        await changed(stranger, operation_id, "abort", 403)
        assert (await changed(mine, operation_id, "abort"))["state"] == "aborted"
        await changed(mine, operation_id, "abort", 409)
    deeds = await world.pool.fetch("SELECT action, shop_id FROM admin.audit_log ORDER BY id")
    assert [tuple(deed) for deed in deeds] == [("operation.export", shop), ("operation.abort", shop)]


async def test_the_page_of_an_export_offers_it_to_who_asked_only(
    world: World, shop: int, tasks: list[str]
) -> None:
    async with visiting(world) as asker, visiting(world) as colleague:
        for client in (asker, colleague):
            await sign_in(client, await world.token(Role.VIEWER, shop_ids=[shop]))
        address = (await submit(asker, "/export", format="csv")).headers["location"]

        async def is_made() -> bool:
            return "Download tasks-" in await text_of(asker, address)

        await eventually(is_made)
        assert "Download tasks-" not in await text_of(colleague, address)
        assert "It has ended already" in await told(asker, f"{address}/abort")
        refused = await submit(colleague, f"{address}/abort")
        assert "role is viewer" in await text_of(colleague, refused.headers["location"])


async def test_who_may_see_less_by_now_gets_no_file(world: World, shop: int, tasks: list[str]) -> None:
    async with world.reader(Role.OPERATOR, shop_ids=[shop]) as api:
        over = await ended(api, await begun(api, columns=["id", "response_excerpt"]))
        await world.pool.execute("UPDATE admin.api_tokens SET role = 'viewer'")
        assert (await api.client.get(over["file"]["href"])).status_code == 403
        await world.pool.execute("UPDATE admin.api_tokens SET shop_ids = '{}'")
        assert (await api.client.get(over["file"]["href"])).status_code == 404


async def test_a_file_expires_and_is_removed(
    world: World, settings: QueryApiSettings, api: Api, tasks: list[str]
) -> None:
    over = await ended(api, await begun(api))
    await world.pool.execute("UPDATE admin.operations SET expires_at = now() - interval '1 second'")
    answer = await api.client.get(over["file"]["href"])
    assert (answer.status_code, answer.json()["title"]) == (410, "Expired")
    assert (await operation(api, over["id"]))["file"] is None
    kept = RecorderSettings(**settings.model_dump(include={"database_url", "rabbitmq_url", "secret_keys"}))
    async with world.pool.acquire() as connection:
        await apply_retention(connection, kept)
    assert await world.pool.fetchval("SELECT count(*) FROM admin.export_parts") == 0


async def test_an_export_that_is_not_done_has_no_file(world: World, api: Api, tasks: list[str]) -> None:
    operation_id = await begun(api)
    await ended(api, operation_id)
    await world.pool.execute("UPDATE admin.operations SET summary = '{}', state = 'failed'")
    assert (await api.client.get(f"/api/v1/operations/{operation_id}/file")).status_code == 409


async def test_an_interrupted_export_begins_anew(
    world: World, api: Api, tasks: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = 0

    async def broken(*given: Any) -> Any:
        nonlocal made
        made += 1
        async for piece in pieces(*given):
            yield piece
            if made == 1 and piece.tasks:
                raise ConnectionError("the database went away")

    monkeypatch.setattr(exporting, "pieces", broken)
    monkeypatch.setattr("query_api.operations.runner.AGAIN_S", 0.1)
    over = await ended(api, await begun(api, columns=["id"]))
    assert (over["state"], over["done"], made) == ("succeeded", 10, 2)
    assert (await api.client.get(over["file"]["href"])).text.split() == ["ID", *tasks]


async def test_a_paused_export_leaves_off_and_begins_anew(
    world: World, api: Api, tasks: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped = False

    async def paused(*given: Any) -> Any:
        nonlocal stopped
        async for piece in pieces(*given):
            if piece.tasks and not stopped:
                await world.pool.execute("UPDATE admin.operations SET state = 'paused', owner = NULL")
                stopped = True
            yield piece

    monkeypatch.setattr(exporting, "pieces", paused)
    operation_id = await begun(api)
    await eventually(lambda: stopped)
    await api.client.post(f"/api/v1/operations/{operation_id}/resume")
    assert (await ended(api, operation_id))["done"] == 10


async def test_a_token_has_few_exports_at_a_time(
    world: World, api: Api, tasks: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("query_api.routes.task_export.MOST_KEPT", 1)
    operation_id = await begun(api)
    refused = await api.client.post(EXPORT, json={})
    assert (refused.status_code, "1 exports" in refused.json()["detail"]) == (409, True)
    await ended(api, operation_id)
    await world.pool.execute("UPDATE admin.operations SET expires_at = now() - interval '1 second'")
    await begun(api)


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        ({"columns": ["colour"]}, "columns"),
        ({"timezone": "Middle/Earth"}, "timezone"),
        ({"filter": {"state": ["nonsense"]}}, "state"),
        ({"filter": {"limit": 1}}, "filter.limit"),
        ({"ids": []}, "ids"),
    ],
    ids=str,
)
async def test_a_wrong_wish_is_named(api: Api, wanted: dict[str, Any], field: str) -> None:
    answer = await api.client.post(EXPORT, json=wanted)
    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == [field]
