"""The list of tasks: what it shows, in which order, page by page."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest

from query_api.auth import Role
from query_api.repository import pages
from query_api.repository.drivers import of_accounts_shops
from query_api.task_query import SORTS, TaskQuery
from shared.envelope import State, TaskHeader
from shared.tasks import TaskType
from tests.integration.query_api.shipping import add_account
from tests.integration.query_api.world import Api, World, ago, ids_of, task_id_at

SUCCEEDED, FAILED, PROCESSING, RETRYING = State.SUCCEEDED, State.FAILED, State.PROCESSING, State.RETRYING


async def _some(world: World, shop: int, count: int, *, since: datetime, **facts: Any) -> list[TaskHeader]:
    """Tasks a second apart, newest first."""
    tasks = [
        await world.record_task(SUCCEEDED, begins_at=since + timedelta(seconds=n), shop_id=shop, **facts)
        for n in range(count)
    ]
    return tasks[::-1]


async def test_newest_come_first_with_all_that_a_list_needs(world: World, shop: int, api: Api) -> None:
    old = await world.record_task(
        SUCCEEDED, begins_at=ago(hours=2), shop_id=shop, source_id="9007199254740993"
    )
    new = await world.record_task(
        RETRYING, FAILED, begins_at=ago(hours=1), shop_id=shop, order_number="#1042"
    )
    page = await api.get("/tasks")
    assert [task["id"] for task in page["tasks"]] == ids_of([new, old])
    first, second = page["tasks"]
    assert (first["state"], first["attempt"], first["max_attempts"]) == ("failed", 2, new.max_attempts)
    assert (first["order_number"], first["group"], first["shop"]) == ("#1042", "contact sync", "one.example")
    assert (first["error_kind"], first["duration_ms"]) == ("connection", 40.4)
    assert second["source_id"] == "9007199254740993"
    assert second["shop_id"] == str(shop)
    assert second["created_at"].endswith("Z")


async def test_sort_turns_the_list_around(world: World, shop: int, api: Api) -> None:
    tasks = await _some(world, shop, 5, since=ago(days=3))
    assert await api.ids() == ids_of(tasks)
    assert await api.ids(sort="-created") == ids_of(tasks)
    assert await api.ids(sort="created") == ids_of(tasks[::-1])


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["failed"], {"failed"}),
        (["ERROR"], {"failed"}),
        (["success"], {"succeeded"}),
        (["pending"], {"queued", "processing", "retrying"}),
        (["queued", "success"], {"queued", "succeeded"}),
        (["pending", "success", "error"], {"queued", "processing", "retrying", "succeeded", "failed"}),
    ],
)
async def test_states_and_their_aliases_filter(
    world: World, shop: int, api: Api, words: list[str], expected: set[str]
) -> None:
    for ends in ((), (PROCESSING,), (RETRYING,), (FAILED,), (SUCCEEDED,)):
        await world.record_task(*ends, shop_id=shop)
    page = await api.get("/tasks", state=words)
    assert sorted(task["state"] for task in page["tasks"]) == sorted(expected)


async def test_types_filter_together_with_states(world: World, shop: int, api: Api) -> None:
    failed = await world.record_task(FAILED, shop_id=shop, type=TaskType.SYNC_ORDER, begins_at=ago(minutes=9))
    done = await world.record_task(
        SUCCEEDED, shop_id=shop, type=TaskType.SYNC_ORDER, begins_at=ago(minutes=8)
    )
    other = await world.record_task(FAILED, shop_id=shop, type=TaskType.INDEX_ORDER, begins_at=ago(minutes=7))
    await world.record_task(FAILED, shop_id=shop, type=TaskType.SYNC_CONTACT, begins_at=ago(minutes=6))
    assert await api.ids(type="SyncOrder") == ids_of([done, failed])
    assert await api.ids(type=["SyncOrder", "IndexOrder"], state="failed") == ids_of([other, failed])
    assert await api.ids(type=["syncorder"], state="failed", sort="created") == ids_of([failed])


async def test_the_range_of_creation_has_an_open_end(world: World, shop: int, api: Api) -> None:
    start = ago(days=2).replace(microsecond=0)
    first, second, third = (await _some(world, shop, 3, since=start))[::-1]
    assert await api.ids(created_from=start.isoformat()) == ids_of([third, second, first])
    moment = (start + timedelta(seconds=1)).isoformat()
    assert await api.ids(created_from=moment) == ids_of([third, second])
    assert await api.ids(created_to=moment) == ids_of([first])
    later = (start + timedelta(seconds=1, microseconds=1)).isoformat().replace("+", " ")
    assert await api.ids(created_from=later) == ids_of([third])


@pytest.mark.parametrize(
    "filters",
    [{}, {"shop": "one.example"}, {"state": "success"}, {"type": "SyncContact"}, {"sort": "created"}],
    ids=str,
)
async def test_pages_lead_forth_and_back_over_every_task(
    world: World, shop: int, api: Api, filters: dict[str, str]
) -> None:
    tasks = await _some(world, shop, 4, since=ago(days=30)) + await _some(world, shop, 3, since=ago(days=9))
    tasks += await _some(world, shop, 4, since=ago(hours=3))
    expected = sorted(ids_of(tasks), reverse="sort" not in filters)
    assert await api.walk(limit=3, **filters) == expected
    pages = [await api.get("/tasks", limit=4, **filters)]
    while pages[-1]["next"]:
        pages.append(await api.get("/tasks", limit=4, cursor=pages[-1]["next"], **filters))
    back = [pages[-1]]
    while back[-1]["previous"]:
        back.append(await api.get("/tasks", limit=4, cursor=back[-1]["previous"], **filters))
    assert [page["tasks"] for page in back[::-1]] == [page["tasks"] for page in pages]
    assert back[-1]["previous"] is None


async def test_a_walk_meets_no_gap_and_no_double_while_tasks_are_added(
    world: World, shop: int, api: Api
) -> None:
    before = ids_of(await _some(world, shop, 60, since=ago(minutes=5)))
    stop = asyncio.Event()

    async def keep_adding() -> None:
        while not stop.is_set():
            await world.record_task(SUCCEEDED, shop_id=shop)
            await world.record_task(SUCCEEDED, shop_id=shop, begins_at=ago(minutes=4, seconds=30))

    adding = asyncio.create_task(keep_adding())
    for filters in ({}, {"state": "success"}, {"type": "SyncContact", "sort": "created"}):
        walked = await api.walk(limit=7, **filters)
        assert len(walked) == len(set(walked))
        assert set(before) <= set(walked)
        assert [task_id for task_id in walked if task_id in before] == sorted(
            before, reverse="sort" not in filters
        )
    stop.set()
    await adding


async def test_lists_of_several_shops_are_merged_in_order(world: World, api: Api) -> None:
    shops = [await world.add_shop(name) for name in ("a", "b", "c")]
    tasks = [
        await world.record_task(FAILED, shop_id=shops[n % 3], begins_at=ago(minutes=100 - n))
        for n in range(12)
    ]
    newest_first = ids_of(tasks[::-1])
    assert await api.walk(limit=5) == newest_first
    assert await api.walk(limit=5, state="failed") == newest_first
    wanted = [task_id for n, task_id in enumerate(ids_of(tasks)) if n % 3 != 1][::-1]
    assert await api.walk(limit=5, shop=["a.example", "c.example"]) == wanted
    assert await api.walk(limit=5, shop=["a.example", "c.example"], type="SyncContact") == wanted


async def test_tasks_for_shops_nobody_knows_are_in_the_list(world: World, shop: int, api: Api) -> None:
    task = await world.record_task(FAILED, shop_id=0)
    for filters in ({}, {"state": "failed"}, {"type": "SyncContact"}):
        assert await api.ids(**filters) == ids_of([task])


async def test_a_scoped_token_sees_its_shops_only(world: World) -> None:
    mine, theirs = await world.add_shop("mine"), await world.add_shop("theirs")
    seen = await world.record_task(FAILED, shop_id=mine)
    await world.record_task(FAILED, shop_id=theirs)
    async with world.reader(Role.VIEWER, shop_ids=[mine]) as scoped:
        for filters in ({}, {"state": "failed"}, {"type": "SyncContact"}, {"shop": "mine.example"}):
            assert await scoped.ids(**filters) == ids_of([seen])
        problem = await scoped.problem("/tasks", shop="theirs.example")
        assert (problem["status"], problem["errors"][0]["field"]) == (400, "shop")
    async with world.reader(shop_ids=[]) as nobody:
        assert await nobody.ids() == []


async def test_lists_of_an_account_look_at_its_shop_alone(world: World, shop: int, api: Api) -> None:
    other, gone = await world.add_shop("other"), 999_999
    account = await add_account(world.pool, other)
    task = await world.record_task(FAILED, shop_id=other, account_id=account)
    await world.record_task(FAILED, shop_id=other, account_id=gone)
    for query, shop_ids in (
        (TaskQuery(account_ids=(account,)), (other,)),
        (TaskQuery(account_ids=(account,), shop_ids=(shop,)), ()),
        (TaskQuery(account_ids=(account, gone)), None),
    ):
        assert (await of_accounts_shops(world.pool, query)).shop_ids == shop_ids
    for sort in SORTS:
        assert await api.ids(account=account, sort=sort) == ids_of([task])


async def test_the_list_is_shown_as_it_was(world: World, shop: int, api: Api) -> None:
    start = ago(minutes=30)
    done = await world.record_task(SUCCEEDED, shop_id=shop, begins_at=start)
    slow = await world.record_task(RETRYING, FAILED, shop_id=shop, begins_at=start + timedelta(seconds=60))
    later = await world.record_task(SUCCEEDED, shop_id=shop, begins_at=start + timedelta(seconds=300))
    await world.say_recorded_until(ago(seconds=1))

    async def states_at(seconds: float, **filters: Any) -> dict[str, str]:
        moment = (start + timedelta(seconds=seconds)).isoformat()
        page = await api.get("/tasks", as_of=moment, **filters)
        assert page["as_of"] == moment.replace("+00:00", "Z")
        return {task["id"]: task["state"] for task in page["tasks"]}

    assert await states_at(-1) == {}
    assert await states_at(0.5) == {str(done.id): "queued"}
    assert await states_at(61) == {str(done.id): "succeeded", str(slow.id): "queued"}
    assert await states_at(62.01) == {str(done.id): "succeeded", str(slow.id): "processing"}
    assert await states_at(63) == {str(done.id): "succeeded", str(slow.id): "retrying"}
    assert await states_at(63, state="pending") == {str(slow.id): "retrying"}
    assert await states_at(63, state="error") == {}
    assert await states_at(299, state="error", type="SyncContact") == {str(slow.id): "failed"}
    assert str(later.id) in await states_at(302.5)


async def test_the_list_as_of_now_is_the_list(world: World, shop: int, api: Api) -> None:
    for ends in ((), (PROCESSING,), (RETRYING, PROCESSING), (RETRYING, FAILED), (RETRYING, SUCCEEDED)):
        await world.record_task(
            *ends, shop_id=shop, begins_at=ago(minutes=5), parent_id=task_id_at(ago(hours=1))
        )
    now = ago(seconds=0).isoformat()
    for filters in ({}, {"state": "pending"}, {"state": ["error", "success"]}):
        assert (await api.get("/tasks", as_of=now, **filters))["tasks"] == (
            await api.get("/tasks", **filters)
        )["tasks"]


async def test_a_walk_of_the_past_stays_as_it_was(world: World, shop: int, api: Api) -> None:
    tasks = await _some(world, shop, 20, since=ago(minutes=30))
    moment = ago(minutes=10).isoformat()
    first = await api.get("/tasks", as_of=moment, limit=6)
    await _some(world, shop, 20, since=ago(minutes=5))
    walked = [task["id"] for task in first["tasks"]]
    while first["next"]:
        first = await api.get("/tasks", as_of=moment, limit=6, cursor=first["next"])
        walked += [task["id"] for task in first["tasks"]]
    assert walked == ids_of(tasks)
    assert await api.walk(as_of=moment, limit=6, sort="created", state="success") == ids_of(tasks[::-1])


async def test_a_rare_state_of_the_past_is_looked_for_in_steps(
    world: World, shop: int, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "SCAN_CHUNK", 5)
    monkeypatch.setattr(pages, "SCAN_LIMIT", 10)
    running = await world.record_task(RETRYING, SUCCEEDED, shop_id=shop, begins_at=ago(minutes=40))
    await _some(world, shop, 24, since=ago(minutes=35))
    moment = (running.queued_at + timedelta(seconds=3)).isoformat()
    first = await api.get("/tasks", as_of=ago(minutes=1).isoformat(), state="processing")
    assert (first["tasks"], bool(first["next"])) == ([], True)
    assert await api.walk(as_of=moment, state="retrying") == ids_of([running])
    assert await api.walk(as_of=ago(minutes=1).isoformat(), state="retrying") == []


async def test_the_list_is_narrowed_by_each_thing_a_task_has(world: World, shop: int, api: Api) -> None:
    first = await world.record_task(State.SUCCEEDED, shop_id=shop, order_number="#1042", source_id="s1")
    second = await world.record_task(
        State.RETRYING, State.FAILED, shop_id=shop, source_id="s2", parent_id=first.id, root_id=first.id
    )
    retry = await world.record_task(State.SUCCEEDED, shop_id=shop, source_id="s2", retry_of=second.id)
    wanted: list[tuple[dict[str, Any], list[TaskHeader]]] = [
        ({"order_number": "1042"}, [first]),
        ({"source_id": "s2"}, [retry, second]),
        ({"parent_id": str(first.id)}, [second]),
        ({"root_id": str(first.id)}, [second, first]),
        ({"retry_of": str(second.id)}, [retry]),
        ({"has_retry": "true"}, [second]),
        ({"has_retry": "false"}, [retry, first]),
        ({"attempts_min": 2}, [second]),
        ({"sort": "-attempts", "limit": 1}, [second]),
        ({"completed_from": "2020-01-01T00:00:00Z", "state": "failed"}, [second]),
    ]
    for parameters, tasks in wanted:
        assert await api.ids(**parameters) == ids_of(tasks), parameters
        if "limit" not in parameters:
            count = await api.get("/tasks/count", **parameters)
            assert (count["count"], count["is_exact"]) == (len(tasks), True), parameters


async def test_the_past_has_no_other_order_and_says_so(world: World, shop: int, api: Api) -> None:
    task = await world.record_task(State.SUCCEEDED, shop_id=shop, begins_at=ago(hours=1))
    assert await api.ids(as_of=ago(minutes=5).isoformat(), sort="type") == ids_of([task])
    problem = await api.problem("/tasks", as_of=ago(minutes=5).isoformat(), sort="-duration")
    assert "created and type" in problem["errors"][0]["message"]
