"""Many tasks at once, in the console: planned, begun, followed."""

import re
from collections.abc import AsyncIterator

import pytest
from pydantic import SecretStr

from query_api.auth import Role
from query_api.settings import QueryApiSettings
from shared.envelope import State
from shared.tasks import TaskType
from tests.integration.query_api.operating import add_failed
from tests.integration.query_api.visiting import Visitor, seen, sign_in, submit, text_of, told, visiting
from tests.integration.query_api.world import World, serving
from tests.waiting import eventually
from tests.workers import open_world


@pytest.fixture
async def world(settings: QueryApiSettings, database_url: str, rabbitmq_url: str) -> AsyncIterator[World]:
    """The console with a broker."""
    broker = SecretStr(rabbitmq_url)
    async with open_world(database_url, rabbitmq_url), serving(settings, rabbitmq_url=broker) as world:
        yield world


async def test_everything_that_matches_is_planned_then_begun_and_followed(
    world: World, shop: int, visitor: Visitor
) -> None:
    await add_failed(world, shop, 3)
    await world.record_task(State.SUCCEEDED, shop_id=shop)
    plan = await text_of(visitor, "/operations/plan?kind=retry&all=1&filter=state%3Dfailed")
    assert "Tasks 3 match" in plan
    assert "Nothing has been done yet" in plan
    answer = await submit(visitor, "/operations", kind="retry", all="1", filter="state=failed", expected="3")
    address = answer.headers["location"]

    async def is_over() -> bool:
        return "Retry Succeeded" in await text_of(visitor, address)

    await eventually(is_over)
    assert "state failed" in await text_of(visitor, address)
    assert "It was begun." not in await text_of(visitor, address), "said once"
    assert "3 of 3" in await text_of(visitor, "/operations")


async def test_ticked_tasks_are_planned_whatever_the_filter(
    world: World, shop: int, visitor: Visitor
) -> None:
    tasks = await add_failed(world, shop, 3)
    done = await world.record_task(State.SUCCEEDED, shop_id=shop)
    ids = f"{tasks[0].id},{done.id}"
    page = await submit(visitor, "/operations/plan", kind="retry", ids=ids, filter="state=queued")
    assert page.status_code == 200
    assert "Tasks 2 ticked" in seen(page)
    assert "Left alone 1" in seen(page)
    assert f'name="ids" value="{ids}"' in page.text


async def test_a_retry_that_may_repeat_an_effect_asks_for_that_to_be_accepted(
    world: World, shop: int, visitor: Visitor
) -> None:
    told_once = TaskType.SYNC_REFUND_NOTIFICATION
    (plain,), (doubtful,) = [await add_failed(world, shop, type=told_once) for _ in range(2)]
    unknown = "UPDATE ledger.tasks SET error_kind = 'unknown_outcome' WHERE task_id = $1"
    await world.pool.execute(unknown, doubtful.id)
    assert "may_repeat_effects" not in (await visitor.get(f"/tasks/{plain.id}")).text
    page = (await visitor.get(f"/tasks/{doubtful.id}")).text
    assert page.count(f'action="/tasks/{doubtful.id}/retry"') == 1
    assert 'name="may_repeat_effects" value="true" required' in page
    assert "A retry may do it twice" in page
    retry = f"/tasks/{doubtful.id}/retry"
    assert "Look there first" in await told(visitor, retry)
    assert "It was started." in await told(visitor, retry, may_repeat_effects="true")
    assert "It was retried already" in await text_of(visitor, f"/tasks/{doubtful.id}")


async def test_what_changed_since_the_plan_stops_it(world: World, shop: int, visitor: Visitor) -> None:
    await add_failed(world, shop, 2)
    answer = await submit(visitor, "/operations", kind="retry", all="1", filter="", expected="1")

    async def has_failed() -> bool:
        return "Retry Failed" in await text_of(visitor, answer.headers["location"])

    await eventually(has_failed)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"kind": "retry", "ids": ""}, "No task is ticked"),
        ({"kind": "retry", "ids": "x"}, "no task ids"),
        ({"kind": "retry", "all": "1", "filter": "state=nonsense"}, "is not one of"),
    ],
    ids=range(3),
)
async def test_what_can_not_be_meant_is_said(visitor: Visitor, fields: dict[str, str], said: str) -> None:
    assert said in await told(visitor, "/operations", **fields)


async def test_an_operation_is_paused_resumed_and_ended(world: World, shop: int, visitor: Visitor) -> None:
    await add_failed(world, shop, 30)
    answer = await submit(visitor, "/operations", kind="retry", all="1", filter="")
    address = answer.headers["location"]
    said = [await told(visitor, f"{address}/{deed}") for deed in ("pause", "resume", "abort", "nonsense")]
    assert re.search("It is paused|It has ended|not under way", said[0])
    assert "nothing of this kind" in said[-1]


async def test_viewers_and_strangers_do_nothing(world: World, shop: int) -> None:
    task = (await add_failed(world, shop))[0]
    async with visiting(world) as viewer:
        await sign_in(viewer, await world.token(Role.VIEWER))
        assert "Retry" not in await text_of(viewer, f"/tasks/{task.id}")
        answer = await submit(viewer, "/operations", kind="retry", ids=str(task.id))
        assert "role operator" in await text_of(viewer, answer.headers["location"])
        assert (await viewer.post("/operations", data={"kind": "retry"})).status_code == 403
    other = await world.add_shop("other")
    async with visiting(world) as stranger:
        await sign_in(stranger, await world.token(shop_ids=[other]))
        page = await submit(stranger, "/operations/plan", kind="retry", ids=str(task.id))
        assert "no such task" in seen(page)
