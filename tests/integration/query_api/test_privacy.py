"""Administrators see what was asked for in customers' names, and hand out what was found."""

from uuid import UUID

import pytest

from query_api.auth import Role
from shared.envelope import utc_now
from shared.identity import new_task_id
from tests.integration.query_api.world import Api, World

PATH = "/api/v1/privacy-requests"
DOCUMENT = b'{"customer": {"email": "kim@example.com"}}'


async def add_request(world: World, shop_id: int | None, *, has_export: bool = True) -> int:
    task_id = new_task_id()
    export = await _sealed(world, shop_id, task_id) if shop_id is not None and has_export else None
    request_id: int = await world.pool.fetchval(
        "INSERT INTO admin.privacy_requests"
        " (shop_id, shop_domain, kind, task_id, summary, export, due_at, done_at)"
        " VALUES ($1, 'one.example', 'data_request', $2, '{\"orders\": 3}'::jsonb, $3, $4, $4) RETURNING id",
        shop_id,
        task_id,
        export,
        utc_now(),
    )
    return request_id


async def _sealed(world: World, shop_id: int, task_id: UUID) -> bytes:
    key = await world.pool.fetchval("SELECT data_key FROM store.shops WHERE id = $1", shop_id)
    return world.vault.open_data_key(key).seal(DOCUMENT, task_id)


async def test_a_document_is_downloaded_as_it_was_made(world: World, shop: int, api: Api) -> None:
    request_id = await add_request(world, shop)
    (listed,) = (await api.get("/privacy-requests"))["requests"]
    assert (listed["id"], listed["has_export"], listed["state"]) == (str(request_id), True, "done")
    assert "kim" not in str(listed)
    answer = await api.client.get(f"{PATH}/{request_id}/export")
    assert (answer.status_code, answer.content) == (200, DOCUMENT)
    assert "attachment" in answer.headers["content-disposition"]


@pytest.mark.parametrize("role", [Role.VIEWER, Role.OPERATOR])
async def test_only_administrators_may_see_them(world: World, shop: int, role: Role) -> None:
    request_id = await add_request(world, shop)
    async with world.reader(role) as other:
        for path in (PATH, f"{PATH}/{request_id}/export"):
            assert (await other.client.get(path)).status_code == 403


async def test_other_shops_requests_are_not_there(world: World, shop: int) -> None:
    request_id = await add_request(world, shop)
    elsewhere = await world.add_shop("two")
    async with world.reader(shop_ids=[elsewhere]) as other:
        assert (await other.get("/privacy-requests"))["requests"] == []
        assert (await other.client.get(f"{PATH}/{request_id}/export")).status_code == 404


async def test_a_removed_document_is_not_there(world: World, shop: int, api: Api) -> None:
    removed = await add_request(world, shop, has_export=False)
    unknown = await add_request(world, None)
    for request_id in (removed, unknown, 999):
        assert (await api.client.get(f"{PATH}/{request_id}/export")).status_code == 404


async def test_a_document_whose_key_was_destroyed_can_not_be_opened(
    world: World, shop: int, api: Api
) -> None:
    request_id = await add_request(world, shop)
    await world.pool.execute("UPDATE store.shops SET data_key = $1", world.vault.new_data_key())
    assert (await api.client.get(f"{PATH}/{request_id}/export")).status_code == 404
