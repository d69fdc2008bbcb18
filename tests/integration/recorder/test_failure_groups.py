"""Kinds of failure are counted with the transitions that failed."""

from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
from msgspec.structs import replace

from query_api.maintenance.retention import apply_retention
from query_api.recorder.failures import Failures
from query_api.recorder.rebuild import rebuild_async
from query_api.recorder.settings import RecorderSettings
from query_api.recorder.shop_keys import ShopKeys
from query_api.recorder.writing import write
from shared.alerts.evaluating import evaluate_shop
from shared.alerts.reading import read_shops
from shared.alerts.settings import AlertSettings
from shared.alerts.verdicts import Rule
from shared.envelope import Detail, State, Transition
from shared.tasks import TaskType
from tests.factories import transition
from tests.integration.recorder.histories import FAILURE
from tests.integration.recorder.ledger import entries

NOON = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(hours=12)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def failed(shop_id: int, at: datetime, fingerprint: str = "f1", **changes: Any) -> Transition:
    said = {"fingerprint": fingerprint, "message": changes.pop("message", FAILURE.message)}
    detail = Detail(failure=replace(FAILURE, **said))
    return transition(
        shop_id=shop_id,
        state=changes.pop("state", State.FAILED),
        occurred_at=at,
        detail=detail,
        **changes,
    )


async def group(pool: asyncpg.Pool, fingerprint: str = "f1") -> Any:
    return await pool.fetchrow("SELECT * FROM ledger.failure_groups WHERE fingerprint = $1", fingerprint)


async def test_a_group_counts_its_failures_and_speaks_with_the_newest(
    pool: asyncpg.Pool, keys: ShopKeys, shop_id: int
) -> None:
    newest = failed(shop_id, NOON + HOUR, message="order 3", account_id=7)
    story = [
        failed(shop_id, NOON, message="order 1"),
        newest,
        failed(shop_id, NOON + 2 * MINUTE, message="order 2"),
        failed(shop_id, NOON + 2 * HOUR, state=State.RETRYING),
        failed(shop_id, NOON, "another"),
    ]
    await write(pool, keys, entries(story[1:]))
    await write(pool, keys, entries(story))
    row = await group(pool)
    assert (row["n"], row["message"], row["example_id"]) == (3, "order 3", newest.task.id)
    assert (row["first_at"], row["last_at"]) == (NOON, NOON + HOUR)
    hours = await pool.fetch(
        "SELECT bucket, account_id, n FROM ledger.failures_by_hour WHERE fingerprint = 'f1' ORDER BY bucket"
    )
    assert [tuple(hour) for hour in hours] == [(NOON, 0, 2), (NOON + HOUR, 7, 1)]


async def test_shops_have_groups_of_their_own(pool: asyncpg.Pool, keys: ShopKeys) -> None:
    await write(pool, keys, entries([failed(1, NOON), failed(2, NOON)]))
    rows = await pool.fetch("SELECT shop_id, n FROM ledger.failure_groups ORDER BY shop_id")
    assert [tuple(row) for row in rows] == [(1, 1), (2, 1)]


async def test_what_fails_after_it_was_resolved_is_back_since_then(
    pool: asyncpg.Pool, keys: ShopKeys, shop_id: int
) -> None:
    await write(pool, keys, entries([failed(shop_id, NOON)]))
    await pool.execute("UPDATE ledger.failure_groups SET resolved_at = $1, resolved_by = 'Kim'", NOON + HOUR)
    await write(pool, keys, entries([failed(shop_id, NOON + 59 * MINUTE)]))
    assert (await group(pool))["back_at"] is None
    for minutes in (75, 70, 90):
        await write(pool, keys, entries([failed(shop_id, NOON + minutes * MINUTE)]))
    row = await group(pool)
    assert (row["back_at"], row["n"], row["resolved_by"]) == (NOON + 70 * MINUTE, 5, "Kim")


async def test_a_rebuild_leaves_what_a_person_said(
    database_url: str, pool: asyncpg.Pool, keys: ShopKeys, shop_id: int
) -> None:
    await write(pool, keys, entries([failed(shop_id, NOON)]))
    await pool.execute("UPDATE ledger.failure_groups SET resolved_at = $1, resolved_by = 'Kim'", NOON + HOUR)
    await write(pool, keys, entries([failed(shop_id, NOON + 2 * HOUR)]))
    before = await group(pool)
    await pool.execute("UPDATE ledger.failure_groups SET n = 9")
    assert (await rebuild_async(database_url)).failures_corrected == 1
    assert await group(pool) == before


async def test_groups_go_with_the_log_they_were_counted_from(
    pool: asyncpg.Pool, keys: ShopKeys, shop_id: int, options: RecorderSettings
) -> None:
    await write(pool, keys, entries([failed(shop_id, NOON), failed(shop_id, NOON, "old")]))
    await pool.execute(
        "UPDATE ledger.failure_groups SET last_at = last_at - interval '181 days' WHERE fingerprint = 'old'"
    )
    async with pool.acquire() as connection:
        await apply_retention(connection, options)
    assert [row["fingerprint"] for row in await pool.fetch("SELECT * FROM ledger.failure_groups")] == ["f1"]
    assert [row["fingerprint"] for row in await pool.fetch("SELECT * FROM ledger.failures_by_hour")] == ["f1"]


async def test_a_new_kind_of_failure_that_was_recorded_is_one_the_rule_warns_of(
    pool: asyncpg.Pool, keys: ShopKeys, shop_id: int
) -> None:
    story = [failed(shop_id, NOON, order_number="#1042", type=TaskType.SYNC_ORDER) for _ in range(30)]
    await write(pool, keys, entries(story))
    settings = {shop_id: AlertSettings()}
    facts = (await read_shops(pool, settings, NOON + MINUTE))[shop_id]
    verdicts = evaluate_shop(facts, settings[shop_id], NOON + MINUTE)
    warned = {verdict.rule: verdict for verdict in verdicts if verdict.is_met}
    assert warned.keys() == {Rule.ERROR_RATE, Rule.FAILURE_GROUP}
    for verdict in warned.values():
        assert [(example.type, example.order_number) for example in verdict.examples] == [
            ("SyncOrder", "#1042")
        ]
    assert warned[Rule.FAILURE_GROUP].numbers["failures"] == 30


def test_a_failure_without_a_reason_makes_no_group() -> None:
    failures = Failures()
    for entry in entries([transition(state=State.FAILED)]):
        failures.add(entry.event)
    assert (failures.groups(), failures.hours()) == ([], [])
