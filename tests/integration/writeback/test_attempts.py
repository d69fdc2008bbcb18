"""How often a shipment is tried, how long lies between, and what an account that is refused holds back.

On real Postgres and RabbitMQ. A waiting message is brought forward where its wait is not what is looked at.
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import aio_pika
import httpx
import pytest
from cryptography.fernet import Fernet

from shared.clients.http import build_http_client
from shared.envelope import State, Transition, encode
from shared.inbox import MAX_TAKEOVERS
from shared.shipments.writing_back import payload_of
from shared.tasks import CATALOGUE, Lane, TaskType
from shared.topology import TASKS_DUE, routing_key
from shared.vault import Vault
from tests.factories import transition
from tests.integration.sync_worker.storefront import open_storefront
from tests.integration.sync_worker.world import add_shop
from tests.integration.writeback.shipping import Shipping
from tests.waiting import eventually
from tests.workers import World, open_world
from writeback.clients.systems import build_systems
from writeback.handlers import registry
from writeback.handlers.write_back import READ_BACK

ORDER: dict[str, Any] = {"lines": [{"sku": "SL-001", "quantity": 1}]}
EVER = {"times": None}


@dataclass(frozen=True)
class Yard:
    """A worker of the write-back lane, and two shops it tells."""

    world: World
    shop: Shipping
    other: Shipping

    async def sent(self, shop: Shipping) -> UUID:
        """A package of a new order."""
        return await shop.pack(await shop.store.buy(**ORDER), {"SL-001": 1})

    async def start(self, shop: Shipping, package: UUID, **fields: Any) -> UUID:
        task = await shop.task(package, **fields)
        message = transition(task=task, payload=payload_of(package))
        await self.world.publisher.publish([message])
        return task.id

    async def bring_forward(self, waiting: Transition) -> None:
        """As if its wait were over."""
        async with await aio_pika.connect(self.world.rabbitmq_url) as connection:
            exchange = await (await connection.channel()).get_exchange(TASKS_DUE)
            await exchange.publish(aio_pika.Message(encode([waiting])), routing_key(waiting))

    async def attempts(self, task_id: UUID) -> list[Transition]:
        """Brings each wait forward until the task is over; its retrying transitions."""
        forwarded: set[int] = set()
        while not self._is_over(task_id):
            for item in list(self.world.published):
                is_new = item.state is State.RETRYING and item.attempt not in forwarded
                if item.task.id == task_id and is_new:
                    forwarded.add(item.attempt)
                    await self.bring_forward(item)
            await asyncio.sleep(0.05)
        return self.waits(task_id)

    def waits(self, task_id: UUID) -> list[Transition]:
        mine = {item.key: item for item in self.world.published if item.task.id == task_id}
        return sorted(
            (item for item in mine.values() if item.state is State.RETRYING), key=lambda item: item.attempt
        )

    def _is_over(self, task_id: UUID) -> bool:
        return any(item.task.id == task_id and item.state.is_final for item in self.world.published)


@pytest.fixture
async def yard(database_url: str, rabbitmq_url: str, outside: httpx.AsyncClient) -> AsyncIterator[Yard]:
    vault = Vault(Fernet.generate_key().decode())
    client = build_http_client(connections=20, read_timeout_s=5)
    async with client, open_world(database_url, rabbitmq_url) as world:
        systems = build_systems(client, vault)
        shop_id = await add_shop(world.pool)
        stores = [await open_storefront(world.pool, vault, outside, shop_id=shop_id) for _ in range(2)]
        shops = [Shipping(world.pool, systems, store, shop_id) for store in stores]
        async with world.worker(registry(systems), lane=Lane.WRITEBACK):
            yield Yard(world, *shops)


def _delays(waits: list[Transition]) -> list[int | None]:
    return [item.detail.delay_ms for item in waits]


async def test_five_attempts_are_made_in_all_and_the_fifth_is_the_last(yard: Yard) -> None:
    package = await yard.sent(yard.shop)
    await yard.shop.fault("fulfillmentCreate", "server_error", **EVER)
    task_id = await yard.start(yard.shop, package)
    waits = await yard.attempts(task_id)
    row = await yard.shop.row(package)
    life = [(State.QUEUED, 1)]
    for attempt in range(1, 5):
        life += [(State.PROCESSING, attempt), (State.RETRYING, attempt)]
    assert yard.world.of(task_id) == [*life, (State.PROCESSING, 5), (State.FAILED, 5)]
    assert _delays(waits) == [3_000, 6_000, 15_000, 30_000]
    assert [routing_key(item) for item in waits] == [
        f"retrying.writeback.WritebackShipment.{delay}" for delay in (3_000, 6_000, 15_000, 30_000)
    ]
    assert {item.task.max_attempts for item in waits} == {5}
    assert (row["state"], row["error_count"], row["error_kind"]) == ("failed", 5, "unknown_outcome")


async def test_linear_three_waits_longer_each_time_and_stops_after_three_repeats(yard: Yard) -> None:
    package = await yard.sent(yard.shop)
    await yard.shop.fault("fulfillmentCreate", "unavailable", **EVER)
    task_id = await yard.start(yard.shop, package, retry_policy="linear-three", max_attempts=4)
    final = await yard.world.final(task_id)
    waits = yard.waits(task_id)
    began = {
        item.attempt: item.occurred_at
        for item in yard.world.published
        if item.task.id == task_id and item.state is State.PROCESSING
    }
    really_ms = [(began[item.attempt + 1] - item.occurred_at).total_seconds() * 1000 for item in waits]
    assert _delays(waits) == [1_500, 3_000, 4_500]
    assert all(really >= delay for really, delay in zip(really_ms, (1_500, 3_000, 4_500), strict=True))
    assert (final.state, final.attempt) == (State.FAILED, 4)
    assert (await yard.shop.row(package))["error_count"] == 4


async def test_linear_three_repeats_a_rate_limit_and_fails_at_once_after_anything_else(yard: Yard) -> None:
    limited, refused = await yard.sent(yard.shop), await yard.sent(yard.other)
    linear: dict[str, Any] = {"retry_policy": "linear-three", "max_attempts": 4}
    await yard.shop.fault("fulfillmentCreate", "rate_limited", retry_after="4.0")
    first = await yard.start(yard.shop, limited, **linear)
    waits = await yard.attempts(first)
    await yard.other.fault("fulfillmentCreate", "server_error")
    second = await yard.start(yard.other, refused, **linear)
    ended = await yard.world.final(second)
    assert _delays(waits) == [4_500]
    assert yard.world.last(first).state is State.SUCCEEDED
    assert (ended.state, ended.attempt) == (State.FAILED, 1)


async def test_five_attempts_honour_retry_after_and_count_no_rate_limit(yard: Yard) -> None:
    package = await yard.sent(yard.shop)
    await yard.shop.fault("fulfillmentCreate", "unavailable", retry_after="10")
    task_id = await yard.start(yard.shop, package)
    (wait,) = await yard.attempts(task_id)
    limited = await yard.sent(yard.other)
    await yard.other.fault("fulfillmentCreate", "rate_limited", retry_after="4")
    other_id = await yard.start(yard.other, limited)
    await eventually(lambda: bool(yard.waits(other_id)))
    (pause,) = yard.waits(other_id)
    assert wait.detail.delay_ms == 15_000
    assert (pause.detail.delay_ms, pause.task.max_attempts) == (4_500, 6)
    assert (await yard.other.row(limited))["error_count"] == 0
    assert (await yard.world.final(other_id)).state is State.SUCCEEDED


async def test_refused_credentials_hold_one_account_and_nothing_of_it_fails(yard: Yard) -> None:
    packages = [await yard.sent(yard.shop) for _ in range(4)]
    elsewhere = await yard.sent(yard.other)
    await yard.shop.fault(None, "unauthorised", **EVER)
    first = await yard.start(yard.shop, packages[0])
    await eventually(lambda: bool(yard.waits(first)))
    later = [await yard.start(yard.shop, package) for package in packages[1:]]
    assert (await yard.world.final(await yard.start(yard.other, elsewhere))).state is State.SUCCEEDED

    account_id = yard.shop.store.account_id
    problem = await yard.world.pool.fetchval("SELECT problem FROM store.accounts WHERE id = $1", account_id)
    is_held = await yard.world.pool.fetchval(
        "SELECT is_hold FROM store.throttles WHERE account_id = $1", account_id
    )
    rows = [await yard.shop.row(package) for package in packages]
    assert problem == "Shopify refused the account's key (401)"
    assert is_held
    assert {(row["state"], row["error_count"]) for row in rows} == {("pending", 0)}
    assert all(yard.world.of(task_id) == [(State.QUEUED, 1)] for task_id in later)

    await yard.shop.store.control.delete("/faults")
    await yard.world.pool.execute("DELETE FROM store.throttles WHERE account_id = $1", account_id)
    for waiting in [*yard.waits(first), *(yard.world.last(task_id) for task_id in later)]:
        await yard.bring_forward(waiting)
    finals = [await yard.world.final(task_id) for task_id in (first, *later)]
    assert {final.state for final in finals} == {State.SUCCEEDED}
    assert [final.attempt for final in finals] == [2, 1, 1, 1]
    assert {(await yard.shop.row(package))["state"] for package in packages} == {"synced"}


async def test_a_worker_that_dies_again_and_again_fails_the_shipment_too(yard: Yard) -> None:
    package = await yard.sent(yard.shop)
    task = await yard.shop.task(package)
    await yard.world.pool.execute(
        "INSERT INTO store.inbox (task_id, attempt, is_running, owner, lease_until, takeovers) "
        "VALUES ($1, 1, true, 'dead', now() - interval '1 minute', $2)",
        task.id,
        MAX_TAKEOVERS - 1,
    )
    await yard.world.publisher.publish([transition(task=task, payload=payload_of(package))])
    final = await yard.world.final(task.id)
    row = await yard.shop.row(package)
    assert final.state is State.FAILED
    assert (row["state"], row["error_kind"], row["error_count"]) == ("failed", "worker_died", 1)


async def test_an_attempt_that_takes_too_long_counts_and_is_read_back(
    yard: Yard, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind = TaskType.WRITEBACK_SHIPMENT
    monkeypatch.setitem(CATALOGUE, kind, replace(CATALOGUE[kind], timeout_s=1.0))
    package = await yard.sent(yard.shop)
    await yard.shop.fault("fulfillmentCreate", "slow", delay_ms=3_000)
    task_id = await yard.start(yard.shop, package)
    (wait,) = await yard.attempts(task_id)
    row = await yard.shop.row(package)
    assert wait.detail.failure is not None
    assert wait.detail.failure.kind == "timeout"
    assert (row["state"], row["error_count"], row["note"]) == ("synced", 1, READ_BACK)


async def test_a_person_who_synchronises_while_an_attempt_waits_makes_no_second_effect(yard: Yard) -> None:
    package = await yard.sent(yard.shop)
    await yard.shop.fault("fulfillmentCreate", "reset_after_effect")
    first = await yard.start(yard.shop, package)
    await eventually(lambda: bool(yard.waits(first)))
    again = await yard.world.final(await yard.start(yard.shop, package))
    await yard.attempts(first)
    effects = await yard.shop.store.say("GET", "effects")
    assert again.detail.note == READ_BACK
    assert "another task" in (yard.world.last(first).detail.note or "")
    assert effects["counts"]["created"] == 1
