"""The stream of events over HTTP: told once, resumed without a gap, for eyes that may see it."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import httpx
import pytest
from starlette.types import Message, Receive, Scope, Send

from query_api.auth import Reader, Role
from query_api.live import stream, streaming, streams
from query_api.live.listener import EndReason, Kind, Listener, Outbox
from query_api.live.position import Position, encode
from query_api.recorder.locks import RECORDING
from query_api.repository import live
from query_api.task_query import TaskQuery, id_range
from shared.db.queries import load_queries
from shared.envelope import State, utc_now
from tests.integration.query_api.listening import Ear, listening, transitions
from tests.integration.query_api.world import Api, World, ago
from tests.sandbox.running import served
from tests.waiting import eventually

ENDS = (State.RETRYING, State.SUCCEEDED)


@pytest.fixture(autouse=True)
def _in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "LOG_EVERY_S", 0.05)
    monkeypatch.setattr(streams, "PROGRESS_EVERY_S", 0.1)
    monkeypatch.setattr(streams, "ADMISSION_EVERY_S", 0.1)


@pytest.fixture
async def url(world: World) -> AsyncIterator[str]:
    """The app's lifespan is the world's."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await world.app(scope, receive, send)

    async with served(app) as url:
        yield url


@pytest.fixture
async def token(world: World) -> str:
    return await world.token(Role.VIEWER)


async def _log(world: World) -> list[tuple[str, int, str]]:
    rows = await world.pool.fetch(
        "SELECT task_id, attempt, state FROM ledger.task_events ORDER BY recorded_at, task_id, attempt, state"
    )
    return [(str(row["task_id"]), row["attempt"], row["state"]) for row in rows]


async def test_what_happens_is_told_as_it_happens(world: World, shop: int, url: str, token: str) -> None:
    await world.record_task(State.FAILED, shop_id=shop)
    await world.say_recorded_until(utc_now())
    async with listening(url, token) as ear:
        (ready,) = await ear.until("ready")
        assert ready.data["as_of"]
        task = await world.record_task(*ENDS, shop_id=shop, order_number="1042")
        while len(transitions(ear.heard)) < 5:
            await ear.next()
    assert [heard[1:] for heard in transitions(ear.heard)] == [
        (1, "queued"),
        (1, "processing"),
        (1, "retrying"),
        (2, "processing"),
        (2, "succeeded"),
    ]
    last = ear.heard[-1].data
    assert (last["task"]["id"], last["task"]["order_number"], last["task"]["shop"]) == (
        str(task.id),
        "1042",
        "one.example",
    )
    head = ear.response.headers
    assert head["content-type"] == "text/event-stream; charset=utf-8"
    assert (head["cache-control"], head["x-accel-buffering"]) == ("no-store, no-transform", "no")
    assert "content-encoding" not in head


async def test_only_what_was_asked_for_and_may_be_seen_is_told(world: World, shop: int, url: str) -> None:
    other = await world.add_shop("two")
    narrow = await world.token(Role.VIEWER, shop_ids=[shop])
    async with listening(url, narrow, state="error", order_number="7") as ear:
        await ear.until("ready")
        await world.record_task(State.FAILED, shop_id=other, order_number="7")
        await world.record_task(State.FAILED, shop_id=shop, order_number="8")
        await world.record_task(State.SUCCEEDED, shop_id=shop, order_number="7")
        wanted = await world.record_task(State.FAILED, shop_id=shop, order_number="7")
        await ear.until("transition")
    assert transitions(ear.heard) == [(str(wanted.id), 1, "failed")]
    assert ear.heard[-1].data["task"]["error_kind"] == "connection"


async def test_who_comes_back_misses_nothing_and_hears_nothing_twice(
    world: World, shop: int, url: str, token: str
) -> None:
    """While several write at once, and whoever listens is cut off again and again."""

    async def write() -> None:
        for _ in range(12):
            await world.record_task(*ENDS, shop_id=shop)

    async with listening(url, token) as ear:
        (ready,) = await ear.until("ready")
    heard, last_id = [], ready.id
    writing = asyncio.gather(*(write() for _ in range(4)))
    for patience in itertools.cycle((3, 17, 1, 40)):
        is_over = writing.done()
        async with listening(url, token, last_id=last_id, **({"seconds": 0} if is_over else {})) as ear:
            while len(transitions(ear.heard)) < patience or is_over:
                if await ear.next() is None or (writing.done() and not is_over):
                    break
        heard += transitions(ear.heard)
        last_id = ear.last_id
        if is_over:
            break
    await writing
    log = await _log(world)
    assert len(log) == 4 * 12 * 5
    assert len(heard) == len(set(heard))
    assert heard == log


async def test_what_is_being_written_is_waited_for(world: World, shop: int, url: str, token: str) -> None:
    """Rows become visible out of the order of their recording when one who records takes long."""
    async with listening(url, token) as ear, world.pool.acquire() as slow:
        await ear.until("ready")
        transaction = slow.transaction()
        await transaction.start()
        assert await slow.fetchval("SELECT pg_try_advisory_xact_lock_shared($1)", RECORDING)
        template = await world.record_task(State.SUCCEEDED, shop_id=shop)
        await slow.execute(
            "INSERT INTO ledger.task_events SELECT task_id, 9, state, occurred_at, clock_timestamp(), "
            "service, header, detail FROM ledger.task_events WHERE task_id = $1 AND state = 'queued'",
            template.id,
        )
        await world.record_task(State.SUCCEEDED, shop_id=shop)
        async with listening(url, token, last_id=encode(Position(ago(minutes=1))), seconds=0) as other:
            assert transitions(await other.until("end")) == []
        await transaction.commit()
        while len(transitions(ear.heard)) < 7:
            await ear.next()
    assert transitions(ear.heard) == await _log(world)
    assert transitions(ear.heard)[3][1] == 9


async def test_a_revoked_token_is_told_so_and_hears_nothing_more(world: World, url: str, token: str) -> None:
    async with listening(url, token) as ear:
        await ear.until("ready")
        await world.pool.execute("UPDATE admin.api_tokens SET revoked_at = now()")
        end = (await ear.rest())[-1]
    assert (end.name, end.data["reason"], end.id) == ("end", EndReason.NO_ACCESS, None)
    assert "revoked" in end.data["detail"]


async def test_a_browser_that_is_signed_out_hears_nothing_more(world: World, url: str, token: str) -> None:
    async with httpx.AsyncClient(base_url=url, timeout=30) as browser:
        await browser.post("/sign-in", data={"token": token}, headers={"Sec-Fetch-Site": "same-origin"})
        async with browser.stream("GET", "/live") as response:
            ear = Ear(response)
            await ear.until("ready")
            await world.pool.execute("DELETE FROM admin.sessions")
            assert (await ear.rest())[-1].data["reason"] == EndReason.NO_ACCESS


async def test_when_the_process_ends_streams_end_first(world: World, url: str, token: str) -> None:
    async with listening(url, token) as ear:
        await ear.until("ready")
        world.app.state.streams.close()
        assert (await ear.rest())[-1].data["reason"] == EndReason.SHUTTING_DOWN
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(base_url=url, headers=headers) as client:
        answer = await client.get("/api/v1/events")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")


async def test_quiet_streams_stay_alive_and_come_along(
    world: World, shop: int, url: str, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "HEARTBEAT_S", 0.1)
    async with listening(url, token, order_number="none") as ear:
        (ready,) = await ear.until("ready")
        await world.record_task(*ENDS, shop_id=shop)
        recorded_at = await world.pool.fetchval("SELECT max(recorded_at) FROM ledger.task_events")
        while (ear.last_id or "") <= encode(Position(recorded_at)):
            assert (await ear.next()).name == "alive"  # type: ignore[union-attr]
    assert ready.id is not None
    assert ready.id < str(ear.last_id)


async def test_nobody_is_left_behind_when_clients_go(world: World, url: str, token: str) -> None:
    audience = world.app.state.streams.audience
    async with listening(url, token) as ear:
        await ear.until("ready")
        assert len(list(audience)) == 1
    await eventually(lambda: not list(audience))
    assert world.app.state.streams.following.position is None
    assert not audience.is_there.is_set()


async def test_how_far_an_import_has_come_is_told(world: World, shop: int, url: str, token: str) -> None:
    async with listening(url, token, event="progress") as ear:
        await ear.until("ready")
        await world.pool.execute(
            "INSERT INTO store.imports (id, shop_id, kinds, kind, state, requested_by, task_id) "
            "VALUES (gen_random_uuid(), $1, '{orders}', 'orders', 'processing', 'me', gen_random_uuid())",
            shop,
        )
        await ear.until("progress")
        await world.pool.execute("UPDATE store.imports SET processed = 5, updated_at = now()")
        while ear.heard[-1].data["import"]["processed"] != 5:
            await ear.until("progress")
        await world.pool.execute("UPDATE store.imports SET state = 'finished', finished_at = now()")
        while ear.heard[-1].data["import"]["state"] != "finished":
            await ear.until("progress")
    assert ear.heard[-1].data["kind"] == "import"
    assert ear.heard[-1].data["import"]["shop"] == "one.example"
    narrow = await world.token(Role.VIEWER, shop_ids=[])
    async with listening(url, narrow, seconds=0, last_event_id=encode(Position(ago(hours=1)))) as stranger:
        assert "progress" not in [event.name for event in await stranger.rest()]


async def test_how_far_an_operation_has_come_is_told_to_who_sees_all_its_shops(
    world: World, shop: int, url: str, token: str
) -> None:
    other = await world.add_shop("two")
    narrow = await world.token(Role.OPERATOR, shop_ids=[shop])
    await world.pool.execute(
        "INSERT INTO admin.operations (id, kind, state, shop_ids, selection, total, done, requested_by) "
        "VALUES (gen_random_uuid(), 'retry', 'paused', $1, '{}', 9, 4, 'me')",
        [shop, other],
    )
    async with listening(url, token, seconds=0) as ear:
        told = [event.data["operation"] for event in await ear.rest() if event.name == "progress"]
    assert [(one["state"], one["done"], one["total"]) for one in told] == [("paused", 4, 9)]
    async with listening(url, narrow, seconds=0) as ear:
        assert "progress" not in [event.name for event in await ear.rest()]


@pytest.mark.parametrize(
    ("parameters", "field"),
    [
        ({"last_event_id": "nonsense"}, "last_event_id"),
        ({"last_event_id": encode(Position(utc_now() - timedelta(days=2)))}, "last_event_id"),
        ({"last_event_id": encode(Position(utc_now() + timedelta(days=2)))}, "last_event_id"),
        ({"as_of": "2026-11-21T08:00:00Z"}, "as_of"),
        ({"has_retry": "true"}, "has_retry"),
        ({"q": "1042"}, "q"),
        ({"event": "gossip"}, "event"),
        ({"seconds": "-1"}, "seconds"),
        ({"state": "nonsense"}, "state"),
    ],
    ids=range(9),
)
async def test_what_can_not_be_streamed_is_refused(api: Api, parameters: dict[str, str], field: str) -> None:
    problem = await api.problem("/events", **parameters)
    assert [error["field"] for error in problem["errors"]] == [field]


async def test_who_reads_too_slowly_is_cut_off_and_can_go_on(world: World, shop: int) -> None:
    await world.token(Role.VIEWER)
    all_streams: streams.Streams = world.app.state.streams
    query = TaskQuery()
    slow = Listener(Reader(1, "slow", Role.VIEWER, None), query, id_range(query), list(Kind), Outbox(most=3))
    all_streams.audience.admit(slow.reader)
    frames = stream.Stream(all_streams, slow, None, None).frames()
    told = [await anext(frames), await anext(frames)]
    for _ in range(2):
        await world.record_task(State.SUCCEEDED, shop_id=shop)
    await eventually(lambda: slow.outbox.ended is not None)
    told += [part async for part in frames]
    assert [part.count(b"event: transition") for part in told] == [0, 0, 0]
    assert b'event: end\ndata: {"reason":"too-slow"' in told[-1]
    assert not told[-1].startswith(b"id: ")


async def test_who_reads_nothing_at_all_is_cut_off(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streaming, "SEND_PATIENCE_S", 0.05)
    all_streams: streams.Streams = world.app.state.streams
    query = TaskQuery()
    listener = Listener(Reader(1, "stuck", Role.VIEWER, None), query, id_range(query), list(Kind))
    all_streams.audience.admit(listener.reader)
    answer = streaming.EventStream(stream.Stream(all_streams, listener, None, None))
    never = asyncio.Event()

    async def receive() -> Message:
        await never.wait()
        return {}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.body":
            await never.wait()

    async with asyncio.timeout(20):
        await answer({"type": "http"}, receive, send)
    assert not list(all_streams.audience)


async def test_the_log_is_read_in_the_order_of_its_recording_by_an_index(world: World, shop: int) -> None:
    await world.record_task(*ENDS, shop_id=shop)
    sql = load_queries(live.__file__, "live").recorded_between.sql
    arguments = (ago(minutes=1), utc_now(), UUID(int=0), 0, "", 500)
    async with world.pool.acquire() as connection:
        await connection.execute("SET plan_cache_mode = force_generic_plan")
        plan = await connection.fetch(f"EXPLAIN {sql}", *arguments)
    text = "\n".join(line[0] for line in plan)
    assert "task_events_20" in text
    assert "recorded_at_idx" in text
    assert "Seq Scan" not in text
