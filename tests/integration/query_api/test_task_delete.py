"""Tasks that are over are deleted for good: one by one, or all that match, by administrators."""

from typing import Any

import pytest

from query_api.auth import Role
from query_api.recorder.rebuild import rebuild_async
from shared.envelope import State
from tests.integration.query_api.operating import add_failed, asked, begun, ended, plan_of
from tests.integration.query_api.world import Api, World, ago
from tests.integration.recorder.histories import life
from tests.integration.recorder.ledger import assert_equals_its_log


async def test_a_deleted_task_is_gone_and_its_kin_stay(world: World, shop: int, api: Api) -> None:
    parent = await world.record_task(State.SUCCEEDED, shop_id=shop)
    child = await world.record_task(State.FAILED, shop_id=shop, parent_id=parent.id, root_id=parent.id)
    answer = await api.client.delete(f"/api/v1/tasks/{parent.id}")
    assert (answer.status_code, answer.json()["message"]) == (200, "It is deleted."), answer.text
    assert (await api.problem(f"/tasks/{parent.id}"))["status"] == 404
    assert (await api.client.delete(f"/api/v1/tasks/{parent.id}")).status_code == 404
    assert await api.ids() == [str(child.id)]
    for path in ("", "/tree", "/events"):
        await api.get(f"/tasks/{child.id}{path}")
    await world.record(life(parent, [State.SUCCEEDED]))
    assert await api.ids() == [str(child.id)]
    await assert_equals_its_log(world.pool, shop)
    deed = await world.pool.fetchrow("SELECT * FROM admin.audit_log")
    assert deed is not None
    assert (deed["action"], deed["subject"], deed["shop_id"]) == ("task.delete", str(parent.id), shop)


@pytest.mark.parametrize("end", [None, State.PROCESSING, State.RETRYING])
async def test_what_is_not_over_is_not_deleted(world: World, shop: int, api: Api, end: State | None) -> None:
    task = await world.record_task(*([end] if end else []), shop_id=shop)
    answer = await api.client.delete(f"/api/v1/tasks/{task.id}")
    assert (answer.status_code, "not over" in answer.json()["detail"]) == (409, True)
    assert await api.ids() == [str(task.id)]


async def test_all_that_match_are_deleted_once_their_number_is_confirmed(
    world: World, shop: int, api: Api, database_url: str
) -> None:
    await add_failed(world, shop, 30)
    kept = [
        await world.record_task(*ends, shop_id=shop, begins_at=ago(minutes=1))
        for ends in ([], [State.SUCCEEDED])
    ]
    wanted: dict[str, Any] = {"kind": "delete", "filter": {"state": ["failed"]}}
    plan = await plan_of(api, **wanted)
    assert (plan["matching"], plan["safe"]) == (30, 30)
    unconfirmed = await asked(api, **wanted)
    assert (unconfirmed.status_code, "expected" in unconfirmed.json()["detail"]) == (400, True)
    wrong = await ended(api, await begun(api, **wanted, expected=29))
    assert (wrong["state"], wrong["done"]) == ("failed", 0)
    over = await ended(api, await begun(api, **wanted, expected=30))
    assert (over["state"], over["done"], over["skipped"]) == ("succeeded", 30, 0)
    assert sorted(await api.ids()) == sorted(str(task.id) for task in kept)
    await assert_equals_its_log(world.pool, shop)
    assert (await rebuild_async(database_url)).is_unchanged


async def test_active_ones_among_the_named_are_left_alone(world: World, shop: int, api: Api) -> None:
    done = await world.record_task(State.SUCCEEDED, shop_id=shop)
    queued = await world.record_task(shop_id=shop)
    wanted: dict[str, Any] = {"kind": "delete", "ids": [str(done.id), str(queued.id)], "expected": 2}
    over = await ended(api, await begun(api, **wanted))
    assert (over["done"], over["skipped"]) == (1, 1)
    assert over["skipped_tasks"][0]["reason"] == "not_over"
    assert await api.ids() == [str(queued.id)]


async def test_only_administrators_delete(world: World, shop: int) -> None:
    done = await world.record_task(State.SUCCEEDED, shop_id=shop)
    async with world.reader(Role.OPERATOR) as operator:
        assert (await operator.client.delete(f"/api/v1/tasks/{done.id}")).status_code == 403
        wanted: dict[str, Any] = {"kind": "delete", "ids": [str(done.id)], "expected": 1}
        assert (await asked(operator, **wanted)).status_code == 403
        assert await operator.ids() == [str(done.id)]
