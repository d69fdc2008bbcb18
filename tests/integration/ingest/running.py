"""The ingest service on a real port, its shop, and a reader of what it publishes."""

import asyncio
import base64
import hmac
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from uuid import UUID, uuid4

import aio_pika
import asyncpg
import httpx
import uvicorn
from cryptography.fernet import Fernet
from pydantic import SecretStr

from ingest.app import build_app
from ingest.metrics import BROKER_UP
from ingest.settings import IngestSettings
from shared.broker import build_broker, connect_when_up
from shared.envelope import utc_now
from shared.vault import Vault
from tests.waiting import eventually

SECRET = "hush"
ORDER = b'{"id":5523001122334,"name":"#1042","total_price":"499.00","note":"Gr\xc3\xb6\xc3\x9fe 42"}'
MASTER_KEY = Fernet.generate_key().decode()
ADD_SHOP = """
    INSERT INTO store.shops (domain, name, email, data_key, webhook_secrets, is_active)
    VALUES ($1, 'Acme', 'kim@example.com', $2, $3, $4) RETURNING id
"""


@dataclass(frozen=True)
class Shop:
    domain: str
    secret: str = SECRET
    id: int = 0

    def headers(self, body: bytes, topic: str = "orders/updated", **changes: str | None) -> dict[str, str]:
        """Signed as Shopify does. Headers can be replaced or, with None, left out; `_` stands for `-`."""
        signature = base64.b64encode(hmac.digest(self.secret.encode(), body, "sha256")).decode()
        headers: dict[str, str | None] = {
            "content-type": "application/json",
            "x-shopify-topic": topic,
            "x-shopify-shop-domain": self.domain,
            "x-shopify-webhook-id": str(uuid4()),
            "x-shopify-hmac-sha256": signature,
        }
        headers |= {name.replace("_", "-"): value for name, value in changes.items()}
        return {name: value for name, value in headers.items() if value is not None}


@dataclass
class Ingest:
    """A running service. `send` posts one delivery of a shop."""

    url: str
    client: httpx.AsyncClient
    database_url: str
    vault: Vault = field(default_factory=lambda: Vault(MASTER_KEY))

    async def send(
        self, shop: Shop, body: bytes = ORDER, topic: str = "orders/updated", **changes: str | None
    ) -> httpx.Response:
        return await self.post(body, shop.headers(body, topic, **changes))

    async def post(self, body: Any, headers: Mapping[str, str]) -> httpx.Response:
        return await self.client.post("/webhooks/shopify", content=body, headers=dict(headers))

    async def send_until_accepted(self, shop: Shop) -> UUID:
        """The task. Sends the same delivery again while it is told to, as shops do."""
        headers = shop.headers(ORDER, x_shopify_triggered_at=utc_now().isoformat())
        async with asyncio.timeout(60):
            while (answer := await self.post(ORDER, headers)).status_code == HTTPStatus.SERVICE_UNAVAILABLE:
                await asyncio.sleep(float(answer.headers["retry-after"]))
        assert answer.status_code == HTTPStatus.OK, answer.text
        return UUID(answer.json()["task_id"])

    async def answers(self) -> bool:
        try:
            return (await self.client.get("/livez")).status_code == HTTPStatus.OK
        except httpx.TransportError:
            return False

    async def publishes_directly(self) -> bool:
        """Asks it: it may be a process of its own."""
        return await self.metric("syncledger_ingest_broker_up") == 1

    async def problems(self) -> dict[str, str]:
        """What readiness complains about."""
        answer: dict[str, Any] = (await self.client.get("/readyz")).json()
        problems: dict[str, str] = answer["problems"]
        return problems

    async def metric(self, line: str) -> float:
        text = (await self.client.get("/metrics")).text
        return sum(float(found.rpartition(" ")[2]) for found in text.splitlines() if found.startswith(line))

    async def fetch(self, query: str, *arguments: object) -> list[asyncpg.Record]:
        connection = await asyncpg.connect(self.database_url)
        try:
            return await connection.fetch(query, *arguments)
        finally:
            await connection.close()


async def add_shop(database_url: str, *secrets: str, is_active: bool = True) -> Shop:
    """A new shop; the first secret is the one it signs with."""
    vault = Vault(MASTER_KEY)
    domain = f"acme-{uuid4().hex[:8]}.myshopify.com"
    valid = secrets or (SECRET,)
    connection = await asyncpg.connect(database_url)
    sealed = [vault.seal(secret.encode()) for secret in valid]
    shop_id = await connection.fetchval(ADD_SHOP, domain, vault.new_data_key(), sealed, is_active)
    await connection.close()
    return Shop(domain, valid[0], shop_id)


@asynccontextmanager
async def running_ingest(database_url: str, rabbitmq_url: str, **changes: Any) -> AsyncIterator[Ingest]:
    """Starts it and waits for nothing but its port."""
    settings = IngestSettings(
        database_url=SecretStr(database_url),
        rabbitmq_url=SecretStr(rabbitmq_url),
        secret_keys=SecretStr(MASTER_KEY),
        **({"shop_refresh_s": 0.1, "relay_interval_s": 0.1, "rejection_flush_s": 0.1} | changes),
    )
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    server = uvicorn.Server(
        uvicorn.Config(
            build_app(settings), lifespan="on", log_config=None, access_log=False, http="httptools"
        )
    )
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    await eventually(lambda: server.started)
    try:
        async with httpx.AsyncClient(base_url=url, timeout=10) as client:
            yield Ingest(url, client, database_url)
    finally:
        server.should_exit = True
        await serving


@asynccontextmanager
async def ready_ingest(database_url: str, rabbitmq_url: str, **changes: Any) -> AsyncIterator[Ingest]:
    """Starts it and waits until deliveries go straight to the broker."""
    async with running_ingest(database_url, rabbitmq_url, **changes) as ingest:
        await eventually_published_directly()
        yield ingest


async def eventually_published_directly() -> None:
    """Of a service in this process. Looks at the gauge itself: writing out all metrics takes 10 ms a look."""
    await eventually(lambda: next(iter(BROKER_UP.collect())).samples[0].value == 1, 60)


async def declare_everything(rabbitmq_url: str) -> None:
    broker = build_broker(rabbitmq_url, app_id="test")
    await connect_when_up(broker)
    await broker.stop()


async def take(rabbitmq_url: str, queue_name: str, count: int) -> list[bytes]:
    """Waits for so many messages, takes them and everything else in the queue."""
    async with await aio_pika.connect(rabbitmq_url) as connection:
        queue = await (await connection.channel()).declare_queue(queue_name, passive=True)
        taken: list[bytes] = []
        async with asyncio.timeout(20):
            while True:
                message = await queue.get(fail=False, no_ack=True)
                if message is not None:
                    taken.append(message.body)
                elif len(taken) >= count:
                    return taken
                else:
                    await asyncio.sleep(0.05)
