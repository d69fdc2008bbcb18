"""The whole service: deliveries from the broker become contacts, receipts and notifications."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from cryptography.fernet import Fernet
from pydantic import SecretStr

from devstack.servers import OwnPostgres
from shared.clients.http import build_http_client
from shared.db.pool import open_pool
from shared.envelope import State
from shared.tasks import CATALOGUE, Lane, TaskType
from shared.vault import Vault
from sync_worker.app import build_app
from sync_worker.clients.systems import build_systems
from sync_worker.handlers import registry
from sync_worker.settings import Settings
from tests.factories import transition
from tests.integration.sync_worker.world import World, add_account, add_shop, delivery
from tests.unit.sync_worker.bodies import ORDER_ID, customer_body, order_body
from tests.waiting import eventually
from tests.workers import World as Published
from tests.workers import open_world

KEYS = Fernet.generate_key().decode()
ORDER_SYNCS = {TaskType.SYNC_ORDER, TaskType.SYNC_ORDER_NOTIFICATION}


@pytest.fixture
async def running(
    database_url: str, rabbitmq_url: str, sandbox_url: str, control: httpx.AsyncClient
) -> AsyncIterator[tuple[Published, int, httpx.AsyncClient]]:
    """The service at work, the id of its shop, and a client of its HTTP side."""
    settings = Settings(
        database_url=SecretStr(database_url),
        rabbitmq_url=SecretStr(rabbitmq_url),
        secret_keys=SecretStr(KEYS),
    )
    async with open_world(database_url, rabbitmq_url) as published:
        shop_id = await add_shop(published.pool)
        await add_account(published.pool, Vault(KEYS), shop_id=shop_id, base_url=f"{sandbox_url}/engage")
        app = build_app(settings)
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://service") as client,
        ):
            yield published, shop_id, client


async def finals_of(published: Published, kinds: set[TaskType]) -> dict[TaskType, State]:
    """How the tasks of each type ended, once one of each did."""

    def finals() -> dict[TaskType, State]:
        return {item.task.type: item.state for item in published.published if item.state.is_final}

    await eventually(lambda: finals().keys() >= kinds, what=f"{kinds} are over")
    return finals()


async def publish(published: Published, shop_id: int, topic: str, body: dict[str, Any]) -> None:
    kind = TaskType.CUSTOMER_WEBHOOK if topic.startswith("customers/") else TaskType.ORDER_WEBHOOK
    await published.publisher.publish([transition(type=kind, shop_id=shop_id, payload=delivery(topic, body))])


async def test_a_delivery_becomes_a_contact_a_receipt_and_a_notification(
    running: tuple[Published, int, httpx.AsyncClient], control: httpx.AsyncClient
) -> None:
    published, shop_id, client = running
    await publish(published, shop_id, "customers/create", customer_body())
    await publish(published, shop_id, "orders/paid", order_body())
    finals = await finals_of(published, {TaskType.SYNC_CONTACT, *ORDER_SYNCS})
    assert set(finals.values()) == {State.SUCCEEDED}
    counts = (await control.get("/engage/counts")).json()
    assert (counts["contacts"], counts["receipts"], counts["order_mails"]) == (1, 1, 1)
    assert (await client.get("/readyz")).status_code == 200


async def test_an_unusable_delivery_fails_once_with_its_reason(
    running: tuple[Published, int, httpx.AsyncClient],
) -> None:
    published, shop_id, _ = running
    await publish(published, shop_id, "customers/create", {"email": "kim@example.com"})
    finals = await finals_of(published, {TaskType.CUSTOMER_WEBHOOK})
    assert finals[TaskType.CUSTOMER_WEBHOOK] is State.FAILED
    (failed,) = [item for item in published.published if item.state is State.FAILED]
    assert failed.detail.failure is not None
    assert failed.detail.failure.message == "The customer sent by the shop has no field 'id'"


async def test_every_type_of_the_services_lanes_has_its_handler() -> None:
    async with build_http_client(connections=1, read_timeout_s=1) as client:
        handlers = registry(build_systems(client, Vault(KEYS), crm_requests_per_second=1))
    lanes = {Lane.SYNC, Lane.SYNC_BULK}
    assert handlers.keys() == {kind for kind, spec in CATALOGUE.items() if spec.lane in lanes}


async def test_a_database_that_goes_away_after_the_mail_leaves_no_doubt(
    own_postgres: OwnPostgres, sandbox_url: str, control: httpx.AsyncClient
) -> None:
    vault, order_route = Vault(KEYS), "POST /api/v2/orders"
    client = build_http_client(connections=2, read_timeout_s=20)
    async with client, await open_pool(own_postgres.url, max_size=2) as pool:
        shop_id = await add_shop(pool)
        account_id = await add_account(pool, vault, shop_id=shop_id, base_url=f"{sandbox_url}/engage")
        systems = build_systems(client, vault, crm_requests_per_second=50)
        world = World(pool, systems, vault=vault, control=control, shop_id=shop_id, account_id=account_id)
        await world.deliver("orders/paid", order_body())
        await world.faults({"route": order_route, "fault": "slow", "times": 1, "delay_ms": 1500})
        sending = asyncio.create_task(world.sync(TaskType.SYNC_ORDER_NOTIFICATION, ORDER_ID))
        await eventually(lambda: _has_mailed(world), what="the CRM has the order")
        await asyncio.to_thread(own_postgres.kill)
        await eventually(lambda: _has_answered(world), what="the CRM has answered")
        await asyncio.to_thread(own_postgres.start)
        done = await sending
        assert done.error is None
        effect = await world.effect(f"order:{ORDER_ID}:Created:Paid")
        assert effect == (done.task.id, True)


async def _has_answered(world: World) -> bool:
    requests = (await world.control.get("/engage/requests?limit=1")).json()["requests"]
    return bool(requests[0]["path"] == "/api/v2/orders" and requests[0]["status"] == 200)


async def _has_mailed(world: World) -> bool:
    return bool(await world.mails())
