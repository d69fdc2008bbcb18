"""Nothing that was answered 200 is lost, and no sender waits, whatever is away or stuck."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID

import asyncpg
import httpx
import pytest

from devstack.ports import free_port
from devstack.servers import OwnPostgres, OwnRabbit
from shared.envelope import decode
from tests.integration.ingest.running import (
    MASTER_KEY,
    ORDER,
    Ingest,
    Shop,
    add_shop,
    declare_everything,
    eventually_published_directly,
    ready_ingest,
    running_ingest,
    take,
)
from tests.servers.brokers import Broker
from tests.servers.valve import valve_before
from tests.waiting import eventually

pytestmark = pytest.mark.long

PATIENCE_S = 5.0


def _task_ids(messages: list[bytes]) -> list[UUID]:
    return [decode(message)[0].task.id for message in messages]


async def _spooled(ingest: Ingest) -> list[asyncpg.Record]:
    return await ingest.fetch("SELECT task_id, routing_key, body FROM ingest.spool ORDER BY id")


async def _accepted(ingest: Ingest, shop: Shop, count: int) -> list[UUID]:
    answers = await asyncio.gather(*(ingest.send(shop) for _ in range(count)))
    assert {answer.status_code for answer in answers} == {200}
    return [UUID(answer.json()["task_id"]) for answer in answers]


async def _timed(ingest: Ingest, shop: Shop) -> tuple[int, float]:
    started = time.monotonic()
    answer = await ingest.send(shop)
    return answer.status_code, time.monotonic() - started


async def test_while_the_broker_is_stopped_deliveries_are_spooled_and_then_relayed_as_they_were(
    database_url: str, own_rabbitmq: OwnRabbit
) -> None:
    shop = await add_shop(database_url)
    async with ready_ingest(database_url, own_rabbitmq.url) as ingest:
        await asyncio.to_thread(own_rabbitmq.stop)
        accepted = await _accepted(ingest, shop, 20)
        spooled = await _spooled(ingest)
        assert sorted(row["task_id"] for row in spooled) == sorted(accepted)
        assert {row["routing_key"] for row in spooled} == {"queued.sync.OrderWebhook"}

        await asyncio.to_thread(own_rabbitmq.start)
        dispatched = await take(own_rabbitmq.url, "sync", 20)
        recorded = await take(own_rabbitmq.url, "recorder", 20)
        assert set(dispatched) == set(recorded) == {row["body"] for row in spooled}
        await eventually(lambda: _is_empty(ingest))
        await eventually_published_directly()
        direct = await _accepted(ingest, shop, 1)
        assert _task_ids(await take(own_rabbitmq.url, "sync", 1)) == direct


async def _is_empty(ingest: Ingest) -> bool:
    return not await _spooled(ingest)


async def test_with_broker_and_database_stopped_the_sender_is_asked_to_come_again(
    own_postgres: OwnPostgres, own_rabbitmq: OwnRabbit
) -> None:
    shop = await add_shop(own_postgres.url)
    async with ready_ingest(own_postgres.url, own_rabbitmq.url) as ingest:
        await asyncio.to_thread(own_rabbitmq.stop)
        await asyncio.to_thread(own_postgres.kill)
        started = time.monotonic()
        answer = await ingest.send(shop)
        assert time.monotonic() - started < PATIENCE_S
        assert answer.status_code == 503
        assert int(answer.headers["retry-after"]) > 0
        assert answer.headers["content-type"] == "application/problem+json"
        assert (await ingest.client.get("/readyz")).status_code == 503
        assert (await ingest.client.get("/livez")).status_code == 200

        await asyncio.to_thread(own_rabbitmq.start)
        await eventually_published_directly()
        assert (await ingest.send(shop)).status_code == 200
        stranger = await ingest.send(Shop("stranger.myshopify.com"))
        assert (stranger.status_code, stranger.headers["retry-after"]) == (503, "10")

        await asyncio.to_thread(own_postgres.start)
        await eventually(lambda: _is_not_found(ingest))


async def _is_not_found(ingest: Ingest) -> bool:
    return (await ingest.send(Shop("stranger.myshopify.com"))).status_code == 404


async def test_it_starts_without_broker_and_database_and_finds_them_when_they_come(
    own_postgres: OwnPostgres, own_rabbitmq: OwnRabbit
) -> None:
    shop = await add_shop(own_postgres.url)
    await asyncio.to_thread(own_rabbitmq.stop)
    await asyncio.to_thread(own_postgres.stop)
    async with running_ingest(own_postgres.url, own_rabbitmq.url) as ingest:
        assert (await ingest.client.get("/livez")).status_code == 200
        assert set(await ingest.problems()) == {"shops", "storage"}
        assert (await ingest.send(shop)).status_code == 503

        await asyncio.to_thread(own_postgres.start)
        await eventually(lambda: _is_ready(ingest))
        spooled = await _accepted(ingest, shop, 3)

        await asyncio.to_thread(own_rabbitmq.start)
        await eventually_published_directly()
        assert sorted(_task_ids(await take(own_rabbitmq.url, "sync", 3))) == sorted(spooled)


async def _is_ready(ingest: Ingest) -> bool:
    return not await ingest.problems()


@pytest.fixture
async def stuck_broker(database_url: str, rabbitmq_url: str) -> AsyncIterator[tuple[Ingest, Shop]]:
    """A service whose broker takes bytes and answers nothing; released at the end of the test's own doing."""
    shop = await add_shop(database_url)
    async with (
        valve_before(rabbitmq_url) as (valve, url),
        ready_ingest(database_url, url) as ingest,
    ):
        valve.stick()
        yield ingest, shop
        valve.release()
        await eventually_published_directly()
        await eventually(lambda: _is_empty(ingest))


async def test_a_stuck_broker_is_noticed_in_time_and_then_not_waited_for(
    stuck_broker: tuple[Ingest, Shop],
) -> None:
    ingest, shop = stuck_broker
    status, first_s = await _timed(ingest, shop)
    assert status == 200
    assert first_s < PATIENCE_S - 2
    for _ in range(5):
        status, next_s = await _timed(ingest, shop)
        assert status == 200
        assert next_s < 0.5


async def test_many_deliveries_at_once_get_their_answers_from_the_spool_of_a_stuck_broker(
    stuck_broker: tuple[Ingest, Shop],
) -> None:
    """On a busy machine a few may be asked to come again; none is kept waiting, and none is forgotten."""
    ingest, shop = stuck_broker
    started = time.monotonic()
    answers = await asyncio.gather(*(ingest.send(shop) for _ in range(200)))
    assert time.monotonic() - started < 2 * PATIENCE_S
    accepted = [answer for answer in answers if answer.status_code == 200]
    assert len(accepted) >= 180
    assert {answer.status_code for answer in answers if answer not in accepted} <= {503}
    spooled = {str(row["task_id"]) for row in await _spooled(ingest)}
    assert spooled >= {answer.json()["task_id"] for answer in accepted}


async def test_with_both_stuck_the_sender_hears_so_in_time(database_url: str, rabbitmq_url: str) -> None:
    shop = await add_shop(database_url)
    async with (
        valve_before(rabbitmq_url) as (broker_valve, broker_url),
        valve_before(database_url) as (database_valve, url),
        ready_ingest(url, broker_url) as ingest,
    ):
        assert (await ingest.send(shop)).status_code == 200
        broker_valve.stick()
        database_valve.stick()
        for _ in range(2):
            answers = await asyncio.gather(*(_timed(ingest, shop) for _ in range(20)))
            assert {status for status, _ in answers} == {503}
            assert max(duration_s for _, duration_s in answers) < PATIENCE_S
        status, duration_s = await _timed(ingest, Shop("stranger.myshopify.com"))
        assert (status, duration_s < 2) == (503, True)

        broker_valve.release()
        database_valve.release()
        await eventually_published_directly()
        assert (await ingest.send(shop)).status_code == 200
        await eventually(lambda: _is_not_found(ingest), 60)


async def test_with_only_the_database_stuck_known_shops_are_served_at_full_speed(
    database_url: str, rabbitmq_url: str
) -> None:
    shop = await add_shop(database_url)
    async with (
        valve_before(database_url) as (valve, url),
        ready_ingest(url, rabbitmq_url) as ingest,
    ):
        assert (await ingest.send(shop)).status_code == 200
        valve.stick()
        for _ in range(10):
            status, duration_s = await _timed(ingest, shop)
            assert (status, duration_s < 0.5) == (200, True)


async def test_a_broker_that_lost_everything_is_set_up_again(
    database_url: str, rabbitmq_url: str, broker: Broker
) -> None:
    shop = await add_shop(database_url)
    async with ready_ingest(database_url, rabbitmq_url) as ingest:
        await _accepted(ingest, shop, 1)
        vhost = urlsplit(rabbitmq_url).path.removeprefix("/")
        broker.management.delete_vhost(vhost)
        broker.management.create_vhost(vhost)
        accepted = await _accepted(ingest, shop, 3)
        await eventually_published_directly()
        assert sorted(_task_ids(await take(rabbitmq_url, "sync", 3))) == sorted(accepted)


async def test_a_connection_cut_in_a_burst_loses_nothing(database_url: str, rabbitmq_url: str) -> None:
    shop = await add_shop(database_url)
    async with (
        valve_before(rabbitmq_url) as (valve, url),
        ready_ingest(database_url, url) as ingest,
    ):
        sending = asyncio.gather(*(ingest.send_until_accepted(shop) for _ in range(300)))
        for _ in range(3):
            await asyncio.sleep(0.1)
            valve.cut()
        accepted = await sending
        await eventually(lambda: _is_empty(ingest), 60)
        assert set(_task_ids(await take(rabbitmq_url, "sync", 300))) == set(accepted)


async def test_replicas_share_the_spool_and_publish_each_task_once(
    database_url: str, rabbitmq_url: str
) -> None:
    shop = await add_shop(database_url)
    nowhere = f"amqp://127.0.0.1:{free_port()}/"
    async with running_ingest(database_url, nowhere) as ingest:
        accepted = [task_id for _ in range(6) for task_id in await _accepted(ingest, shop, 100)]
    await declare_everything(rabbitmq_url)
    async with (
        running_ingest(database_url, rabbitmq_url) as one,
        running_ingest(database_url, rabbitmq_url),
    ):
        await eventually(lambda: _is_empty(one), 60)
    relayed = _task_ids(await take(rabbitmq_url, "sync", 600))
    assert sorted(relayed) == sorted(accepted)


async def test_sigterm_answers_what_is_under_way_and_ends(database_url: str, rabbitmq_url: str) -> None:
    shop = await add_shop(database_url)
    port = free_port()
    environment = os.environ | {
        "DATABASE_URL": database_url,
        "RABBITMQ_URL": rabbitmq_url,
        "SECRET_KEYS": MASTER_KEY,
        "PORT": str(port),
    }
    program = Path(sys.executable).with_name("ingest")
    process = await asyncio.create_subprocess_exec(program, env=environment)
    body_arrives = asyncio.Event()

    async def slow_body() -> AsyncIterator[bytes]:
        yield ORDER[:10]
        await body_arrives.wait()
        yield ORDER[10:]

    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=20) as client:
        ingest = Ingest(str(client.base_url), client, database_url)
        await eventually(ingest.answers, 30)
        await eventually(ingest.publishes_directly, 60)
        under_way = asyncio.create_task(ingest.post(slow_body(), shop.headers(ORDER)))
        await asyncio.sleep(0.3)  # the request's head has to be there first
        process.send_signal(signal.SIGTERM)
        await asyncio.sleep(0.3)  # and the signal before the rest of its body
        body_arrives.set()
        answer = await under_way
        assert answer.status_code == 200
        assert await asyncio.wait_for(process.wait(), 10) in (0, -signal.SIGTERM)
    assert _task_ids(await take(rabbitmq_url, "sync", 1)) == [UUID(answer.json()["task_id"])]
