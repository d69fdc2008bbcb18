"""An import goes on exactly where it stood, whatever breaks, whoever goes on, and never twice."""

from dataclasses import replace
from typing import Any
from uuid import uuid4

import orjson
import pytest

from shared.envelope import Payload
from shared.errors import Misconfigured, Rejected, Retryable, Unavailable
from shared.handling import FollowUp
from shared.tasks import TaskType
from sync_worker.handlers.imports import BROKE_OFF, NOT_OURS, TAKEN
from sync_worker.imports.ending import STOPPED
from sync_worker.imports.handing_over import FULL, NO_CRM, PROBLEM
from sync_worker.imports.pace import BATCH
from sync_worker.imports.slices import Slice
from sync_worker.imports.staging import stage
from sync_worker.imports.working import CrmWants, work
from sync_worker.store import imports
from sync_worker.store.imports import OVERTAKEN, ImportState
from tests.integration.sync_worker import importing
from tests.integration.sync_worker.importing import T, begin, step, walk
from tests.integration.sync_worker.storefront import Storefront
from tests.integration.sync_worker.world import Done, World

LINES = {"orders": 400, "lines_per_order": 2}


def once(fault: str, **more: Any) -> dict[str, Any]:
    return {"system": "shopify-storage", "route": "*", "fault": fault, "times": 1, **more}


async def storage_faults(world: World, *rules: dict[str, Any]) -> None:
    (await world.control.put("/faults", json=list(rules))).raise_for_status()


async def exported(world: World, *kinds: str) -> tuple[Any, Done, FollowUp]:
    """An import whose export is there, and the task that is to stage it."""
    import_id, begun = await begin(world, *(kinds or ("orders",)))
    way = await walk(world, begun, until=T.PROCESS_BULK_IMPORT_DATA)
    (follow_up,) = way.last.follow_ups
    return import_id, way.last, follow_up


async def test_the_shortest_slices_end_as_one_long_one(world: World, storefront: Storefront) -> None:
    await storefront.say("PATCH", "admin", bulk_bad_lines=50)
    await storefront.say("PUT", "volume", **LINES)
    import_id, cause, _ = await exported(world)
    job = await imports.find(world.pool, import_id, world.shop_id)
    assert job is not None
    slices = 0
    while job.state is ImportState.STAGING:
        job = await stage(world.pool, world.systems.exports, job, Slice(0))
        slices += 1
    while job.state is ImportState.PROCESSING:
        part = Slice(0.01)
        job = await work(world.pool, job, part, crm=CrmWants(world.account_id), ask=_nobody)
        slices += 1
    assert slices > 4
    told = await importing.exported(storefront)
    row = await importing.row(world, import_id)
    assert (row["lines"], row["processed"], row["failed"]) == (told["lines"], 400, told["bad_count"])
    assert [one["line"] for one in await importing.failures(world, import_id)] == told["bad_lines"]
    assert await importing.stored(world) == (0, 400)
    assert await world.pool.fetchval("SELECT count(*) FROM store.import_changes") == 400
    assert cause.error is None


async def _nobody(gids: Any) -> Any:
    raise AssertionError(f"The export tells enough of {gids}")


async def broken_off(world: World, cause: Done, follow_up: FollowUp) -> Done:
    """A slice whose download broke off in the middle.

    A reset may overtake the bytes sent before it: then nothing was kept, and the task is tried again.
    """
    task: dict[str, Any] = {}
    for _ in range(10):
        await storage_faults(world, once("reset_after_effect"))
        done = await step(world, cause, follow_up, **task)
        if done.error is None:
            return done
        assert isinstance(done.error, Unavailable)
        task = {"id": done.task.id}
    raise AssertionError("each reset overtook all bytes")


async def test_a_download_that_breaks_off_goes_on_where_it_stood(
    world: World, storefront: Storefront
) -> None:
    await storefront.say("PUT", "volume", orders=800, lines_per_order=2)
    import_id, cause, follow_up = await exported(world)
    done = await broken_off(world, cause, follow_up)
    assert done.note == BROKE_OFF
    row = await importing.row(world, import_id)
    assert 0 < row["byte_offset"] < row["size"]
    await storage_faults(world)
    way = await walk(world, done)
    assert (await importing.row(world, import_id))["state"] == "finished"
    assert await importing.stored(world) == (0, 800)
    assert way.last.error is None


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("unavailable", Unavailable),
        ("reset_before", Unavailable),
        ("malformed", Retryable),
        ("unauthorised", Rejected),
    ],
)
async def test_a_file_that_can_not_be_read_is_no_empty_shop(
    world: World, storefront: Storefront, fault: str, error: type[Exception]
) -> None:
    await storefront.say("PUT", "volume", orders=5)
    import_id, cause, follow_up = await exported(world)
    await storage_faults(world, once(fault))
    done = await step(world, cause, follow_up)
    assert isinstance(done.error, error)
    row = await importing.row(world, import_id)
    assert (row["state"], row["lines"]) == ("failed" if error is Rejected else "staging", 0)
    await storage_faults(world)


async def test_a_download_is_recorded_without_its_content(world: World, storefront: Storefront) -> None:
    await storefront.say("PUT", "volume", orders=5)
    _, cause, follow_up = await exported(world)
    done = await step(world, cause, follow_up)
    (call,) = [call for call in done.calls if call.api == "Shopify exports"]
    assert (call.status, call.response_body, "?" in call.url) == (206, b"", False)


async def test_a_task_that_was_overtaken_changes_nothing(world: World, storefront: Storefront) -> None:
    await storefront.say("PUT", "volume", **LINES)
    import_id, cause, follow_up = await exported(world)
    first = await step(world, cause, follow_up)
    second = await step(world, cause, follow_up)
    assert (second.note, second.follow_ups) == (OVERTAKEN, ())
    job = await imports.find(world.pool, import_id, world.shop_id)
    assert job is not None
    with pytest.raises(imports.Overtaken):
        await imports.staged(world.pool, replace(job, task_id=uuid4()), total=1)
    assert (await walk(world, first)).last.error is None


async def test_of_webhook_and_looking_only_the_first_goes_on(world: World, storefront: Storefront) -> None:
    await storefront.say("PUT", "volume", customers=3)
    _, begun = await begin(world, "customers")
    way = await walk(world, begun, until=T.HANDLE_BULK_OPERATION_FINISH)
    (look,) = way.last.follow_ups
    operation = orjson.loads(look.payload.body)["operation_id"]
    told = Payload(body=orjson.dumps({"admin_graphql_api_id": operation}), topic="bulk_operations/finish")
    webhook = await world.run(T.BULK_OPERATION_FINISH_WEBHOOK, told)
    finished = await step(world, webhook, *webhook.follow_ups)
    while not finished.follow_ups:
        finished = await step(world, webhook, *webhook.follow_ups)
    assert finished.follow_ups[0].type is T.PROCESS_BULK_IMPORT_DATA
    looked = await step(world, way.last, look)
    assert (looked.note, looked.follow_ups) == (TAKEN, ())
    assert (await walk(world, finished)).last.note is not None


async def test_an_export_of_nobody_is_left_alone(world: World, storefront: Storefront) -> None:
    told = Payload(
        body=b'{"admin_graphql_api_id":"gid://shopify/BulkOperation/1"}', topic="bulk_operations/finish"
    )
    webhook = await world.run(T.BULK_OPERATION_FINISH_WEBHOOK, told)
    assert (await step(world, webhook, *webhook.follow_ups)).note == NOT_OURS


async def test_a_webhook_that_comes_before_the_export_is_known_waits_for_it(
    world: World, storefront: Storefront
) -> None:
    await begin(world, "customers")
    told = Payload(
        body=b'{"admin_graphql_api_id":"gid://shopify/BulkOperation/1"}', topic="bulk_operations/finish"
    )
    webhook = await world.run(T.BULK_OPERATION_FINISH_WEBHOOK, told)
    assert isinstance((await step(world, webhook, *webhook.follow_ups)).error, Retryable)


async def test_a_shop_that_writes_enough_exports_is_asked_again_later(
    world: World, storefront: Storefront
) -> None:
    await storefront.say("PATCH", "admin", bulk_concurrent=0)
    import_id, begun = await begin(world)
    busy = await step(world, begun, *begun.follow_ups)
    assert isinstance(busy.error, Retryable)
    assert (await importing.row(world, import_id))["state"] == "requested"


async def test_a_retry_of_the_failed_task_goes_on_where_the_import_stood(
    world: World, storefront: Storefront
) -> None:
    await storefront.say("PUT", "volume", orders=800, lines_per_order=2)
    import_id, cause, follow_up = await exported(world)
    broke_off = await broken_off(world, cause, follow_up)
    await storage_faults(world, once("unauthorised"))
    failed = await step(world, broke_off, *broke_off.follow_ups)
    row = await importing.row(world, import_id)
    assert (row["state"], row["problem"] is not None) == ("failed", True)
    await storage_faults(world)
    retried = await world.follow(broke_off.follow_ups[0], retry_of=failed.task.id)
    way = await walk(world, retried)
    assert (await importing.row(world, import_id))["state"] == "finished"
    assert way.last.error is None
    assert await importing.stored(world) == (0, 800)


async def test_a_retry_waits_for_nobody_but_another_import(world: World, storefront: Storefront) -> None:
    await storefront.say("PUT", "volume", orders=5)
    _, cause, follow_up = await exported(world)
    await storage_faults(world, once("unauthorised"))
    failed = await step(world, cause, follow_up)
    await storage_faults(world)
    await begin(world, "customers")
    retried = await world.follow(follow_up, retry_of=failed.task.id)
    assert isinstance(retried.error, Rejected)


async def test_a_stopped_import_is_tidied_up_and_what_is_stored_stays(
    world: World, storefront: Storefront
) -> None:
    await storefront.say("PUT", "volume", customers=3, orders=3)
    import_id, begun = await begin(world)
    way = await walk(world, begun, until=T.PROCESS_BULK_IMPORT_DATA)
    done = await step(world, way.last, *way.last.follow_ups)
    await world.pool.execute(
        "UPDATE store.imports SET state = 'stopped', finished_at = now() WHERE id = $1", import_id
    )
    stopped = await step(world, done, *done.follow_ups)
    assert (stopped.note, stopped.follow_ups) == (STOPPED, ())
    assert await importing.staged_lines(world) == 0
    assert await importing.stored(world) == (3, 0)
    found, way = await importing.whole_import(world, "orders")
    told = sorted(one.type for one in way.for_crm)
    assert told == [TaskType.SYNC_CONTACT] * 3 + [TaskType.SYNC_ORDER] * 3
    assert (found["summary"]["adopted"], found["summary"]["handed_over"]) == (3, 6)


async def test_a_shop_without_an_account_fails_at_once_and_can_be_asked_again(world: World) -> None:
    import_id, begun = await begin(world)
    assert isinstance(begun.error, Misconfigured)
    await world.pool.execute(
        "INSERT INTO store.imports (id, shop_id, kinds, kind, state, requested_by, task_id)"
        " VALUES ($1, $2, '{orders}', 'orders', 'requested', 't', $3)",
        import_id,
        world.shop_id,
        uuid4(),
    )
    other, refused = await begin(world)
    assert (refused.outcome is not None, other != import_id) == (True, True)
    assert "Another import" in (refused.note or "")


async def test_a_new_import_hands_over_what_a_failed_one_could_not(
    world: World, storefront: Storefront
) -> None:
    await storefront.say("PUT", "volume", customers=3, orders=3)
    _, begun = await begin(world)
    way = await walk(world, begun, until=T.TRIGGER_NEXT_BATCH)
    await storefront.say("PATCH", "admin", bulk_outcome="FAILED")
    asked = (await walk(world, way.last, until=T.HANDLE_BULK_OPERATION_FINISH)).last
    looked = await step(world, asked, *asked.follow_ups)
    while looked.error is None:
        looked = await step(world, asked, *asked.follow_ups)
    assert isinstance(looked.error, Rejected)
    await storefront.say("PATCH", "admin", bulk_outcome="COMPLETED")
    _, again = await begin(world, "orders")
    handed_over = (await walk(world, again)).for_crm
    kinds = sorted(one.type for one in handed_over)
    assert kinds == [TaskType.SYNC_CONTACT] * 3 + [TaskType.SYNC_ORDER] * 3


async def test_changes_go_to_the_crm_in_batches_and_never_into_a_backlog(
    world: World, storefront: Storefront
) -> None:
    await storefront.say("PUT", "volume", customers=BATCH + 20)
    _, begun = await begin(world, "customers")
    way = await walk(world, begun, until=T.TRIGGER_NEXT_BATCH)
    await _backlog(world, BATCH - 10)
    first = await step(world, way.last, *way.last.follow_ups)
    assert [one.type for one in first.follow_ups] == [*[T.SYNC_CONTACT] * 10, T.TRIGGER_NEXT_BATCH]
    assert first.follow_ups[-1].account_id == world.account_id
    await _backlog(world, BATCH)
    full = await step(world, first, first.follow_ups[-1])
    assert (full.note, full.follow_ups[0].delay_ms) == (FULL, 15_000)
    await _backlog(world, 0)
    await world.pool.execute("UPDATE store.accounts SET problem = 'key' WHERE id = $1", world.account_id)
    troubled = await step(world, full, *full.follow_ups)
    assert (troubled.note, troubled.follow_ups[0].delay_ms) == (PROBLEM, 300_000)
    await world.pool.execute("UPDATE store.accounts SET problem = NULL")
    rest = await walk(world, await step(world, troubled, *troubled.follow_ups))
    assert len(rest.for_crm) == BATCH + 10


async def _backlog(world: World, count: int) -> None:
    """What the log says is on its way to the CRM."""
    await world.pool.execute(
        "INSERT INTO ledger.task_counts VALUES ($1, 'SyncContact', $2, 'retrying', $3)"
        " ON CONFLICT (shop_id, type, account_id, state) DO UPDATE SET n = excluded.n",
        world.shop_id,
        world.account_id,
        count,
    )


async def test_a_crm_account_that_goes_away_in_the_middle_ends_the_handing_over(
    world: World, storefront: Storefront
) -> None:
    await storefront.say("PUT", "volume", customers=3)
    import_id, begun = await begin(world, "customers")
    way = await walk(world, begun, until=T.TRIGGER_NEXT_BATCH)
    await importing.no_crm(world)
    done = await walk(world, way.last)
    assert done.last.note == NO_CRM
    assert (await importing.row(world, import_id))["state"] == "finished"


async def test_staged_lines_of_an_import_that_failed_go_when_the_next_begins(
    world: World, storefront: Storefront
) -> None:
    await storefront.say("PUT", "volume", orders=800, lines_per_order=2)
    _, cause, follow_up = await exported(world)
    broke_off = await broken_off(world, cause, follow_up)
    await storage_faults(world, once("unauthorised"))
    await step(world, broke_off, *broke_off.follow_ups)
    await storage_faults(world)
    assert await importing.staged_lines(world) > 0
    _, begun = await begin(world, "customers")
    await step(world, begun, *begun.follow_ups)
    assert await importing.staged_lines(world) == 0


@pytest.mark.parametrize("until", [T.HANDLE_BULK_IMPORT_CREATE, T.HANDLE_BULK_OPERATION_FINISH])
async def test_a_shop_account_that_is_switched_off_ends_the_import(
    world: World, storefront: Storefront, until: TaskType
) -> None:
    import_id, begun = await begin(world, "customers")
    way = await walk(world, begun, until=until)
    await world.pool.execute(
        "UPDATE store.accounts SET is_active = false WHERE id = $1", storefront.account_id
    )
    done = await step(world, way.last, *way.last.follow_ups)
    row = await importing.row(world, import_id)
    assert (done.follow_ups, row["state"]) == ((), "failed")
    assert "switched off" in row["problem"]
