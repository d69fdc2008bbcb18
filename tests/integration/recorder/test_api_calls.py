"""What the recorder counts of calls to other systems: each once, under its connection."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg

from query_api.maintenance.retention import apply_retention
from query_api.recorder.rebuild import rebuild_async
from query_api.recorder.settings import RecorderSettings
from query_api.recorder.shop_keys import ShopKeys
from query_api.recorder.writing import write
from shared.call_outcomes import CallOutcome
from shared.envelope import Call, Detail, State, Transition
from shared.tasks import Api, TaskType
from tests.factories import header, transition
from tests.integration.recorder.histories import FAILURE, life
from tests.integration.recorder.ledger import entries

NOON = datetime.now(UTC).replace(hour=12, minute=0, second=7) - timedelta(days=1)
CRM = 5


def call(status: int | None = 200, **changes: Any) -> Call:
    facts = {"api": "Engage", "method": "GET", "url": "http://crm.example/", "started_at": NOON}
    return Call(**{**facts, "duration_ms": 120.4, "status": status, **changes})


def ended(*calls: Call, **changes: Any) -> Transition:
    state = State.FAILED if "failure" in changes else State.SUCCEEDED
    failure = changes.pop("failure", None)
    facts = {"type": TaskType.SYNC_CONTACT, "shop_id": 1, "account_id": CRM, **changes}
    detail = Detail(calls=list(calls), failure=failure)
    return transition(task=header(**facts), state=state, detail=detail)


async def counted(pool: asyncpg.Pool) -> dict[tuple[int, str, datetime], Any]:
    rows = await pool.fetch("SELECT * FROM ledger.api_calls")
    return {(row["account_id"], row["category"], row["minute"]): dict(row) for row in rows}


def minute(number: int = 0) -> datetime:
    return NOON.replace(second=0, microsecond=0) + timedelta(minutes=number)


async def test_calls_are_counted_by_how_they_went_and_how_long_they_took(
    pool: asyncpg.Pool, keys: ShopKeys, shop_id: int
) -> None:
    answers = [call(status) for status in (200, 204, 404, 401, 429, 503)]
    unanswered = call(None, error="ReadTimeout", duration_ms=20_000)
    throttled = call(200, outcome=CallOutcome.RATE_LIMITED, duration_ms=50)
    await write(pool, keys, entries([ended(*answers, unanswered, throttled)]))
    (row,) = (await counted(pool)).values()
    names = ("calls", "ok", "rejected", "refused", "rate_limited", "failed", "no_answer")
    assert [row[name] for name in names] == [8, 2, 1, 1, 2, 1, 1]
    assert row["latency"] == [1, 0, 6, 0, 0, 0, 0, 0, 1]
    assert row["total_ms"] == 6 * 120 + 50 + 20_000


async def test_a_call_belongs_to_its_own_connection_or_else_to_its_tasks(
    pool: asyncpg.Pool, keys: ShopKeys, shop_id: int
) -> None:
    shop = call(account_id=8, category=Api.PRODUCTS)
    later = call(started_at=NOON + timedelta(minutes=1))
    story = [
        ended(call(), shop, later),
        ended(call(), type=TaskType.SYNC_ORDER),
        ended(call(), type=TaskType.CUSTOMERS_REDACT),
        ended(call(), account_id=None),
    ]
    await write(pool, keys, entries(story))
    assert (await counted(pool)).keys() == {
        (CRM, "contacts", minute()),
        (CRM, "contacts", minute(1)),
        (8, "products", minute()),
        (CRM, "orders", minute()),
        (CRM, "settings", minute()),
    }


async def test_a_redelivered_batch_counts_once(pool: asyncpg.Pool, keys: ShopKeys, shop_id: int) -> None:
    first, second, third = (entries([ended(call(), call(503))]) for _ in range(3))
    await write(pool, keys, [*first, *second])
    await write(pool, keys, [*first, *second, *third])
    await asyncio.gather(*(write(pool, keys, [*third, *first, *second]) for _ in range(4)))
    (row,) = (await counted(pool)).values()
    assert (row["calls"], row["ok"], row["failed"], row["latency"][2]) == (6, 3, 3, 6)


async def test_recorders_that_count_the_same_connections_do_not_stop_each_other(
    pool: asyncpg.Pool, keys: ShopKeys, shop_id: int
) -> None:
    batches = [
        entries([ended(call(), account_id=(number * step) % 7 + 1) for number in range(20)])
        for step in (1, 2, 3, 4)
    ]
    await asyncio.gather(*(write(pool, keys, batch) for batch in batches))
    assert sum(row["calls"] for row in (await counted(pool)).values()) == 80


async def test_the_last_call_and_the_last_error_are_known_whatever_the_order(
    pool: asyncpg.Pool, keys: ShopKeys, shop_id: int
) -> None:
    newest = ended(call(started_at=NOON + timedelta(minutes=9)), call(404))
    wrong = ended(call(503, started_at=NOON + timedelta(minutes=3)), failure=FAILURE)
    older = ended(call(None, error="ConnectError"), failure=FAILURE)
    for story in ([newest], [wrong], [older]):
        await write(pool, keys, entries(story))
    (row,) = await pool.fetch("SELECT * FROM ledger.api_last_calls")
    assert (row["called_at"], row["error_at"]) == (
        NOON + timedelta(minutes=9),
        NOON + timedelta(minutes=3),
    )
    assert (row["error_message"], row["error_task_id"]) == (FAILURE.message, wrong.task.id)


async def test_an_error_that_did_not_end_its_attempt_is_told_in_our_own_words(
    pool: asyncpg.Pool, keys: ShopKeys, shop_id: int
) -> None:
    body = b'{"message": "Kim Vik, kim@example.com, is not known"}'
    await write(pool, keys, entries([ended(call(401, response_body=body), call())]))
    await write(pool, keys, entries([ended(call(None, error="ReadTimeout"), account_id=6)]))
    rows = await pool.fetch("SELECT * FROM ledger.api_last_calls ORDER BY account_id")
    assert [row["error_message"] for row in rows] == [
        "Engage answered 401 (refused)",
        "Engage gave no answer (ReadTimeout)",
    ]


async def test_a_rebuild_leaves_them_as_they_are(
    pool: asyncpg.Pool, keys: ShopKeys, shop_id: int, options: RecorderSettings
) -> None:
    story = life(header(shop_id=shop_id, account_id=CRM), [State.SUCCEEDED], calls=[call()])
    await write(pool, keys, entries(story))
    before = await counted(pool)
    await rebuild_async(options.database_url.get_secret_value())
    assert before == await counted(pool)
    assert len(before) == 1


async def test_old_counts_go(
    pool: asyncpg.Pool, keys: ShopKeys, shop_id: int, options: RecorderSettings
) -> None:
    old = NOON - timedelta(days=options.api_calls_retention_days)
    await write(pool, keys, entries([ended(call(), call(started_at=old))]))
    async with pool.acquire() as connection:
        await apply_retention(connection, options)
    assert set(await counted(pool)) == {(CRM, "contacts", minute())}
