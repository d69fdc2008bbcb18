"""Runs handlers as the frame does, and looks at what they left in the database and at the CRM."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import orjson

from shared.envelope import Call, Payload, TaskHeader
from shared.handling import FollowUp, Outcome, Run
from shared.tasks import TaskType
from shared.vault import Vault
from sync_worker.clients.systems import Systems
from sync_worker.handlers import registry
from sync_worker.handlers.options import Options
from tests.factories import header

API_KEY = "key-of-this-test"
STORE_ID = "ecom"


@dataclass(frozen=True)
class Done:
    """How an attempt went: its outcome or its error, and the calls it made."""

    task: TaskHeader
    outcome: Outcome | None
    error: Exception | None
    calls: list[Call]

    @property
    def note(self) -> str | None:
        assert self.outcome is not None, self.error
        return self.outcome.note

    @property
    def follow_ups(self) -> tuple[FollowUp, ...]:
        assert self.outcome is not None, self.error
        return self.outcome.follow_ups

    @property
    def requests(self) -> list[str]:
        """Method and path of each call."""
        return [f"{call.method} {call.url.split('/engage')[1].split('?')[0]}" for call in self.calls]


@dataclass(frozen=True)
class World:
    pool: asyncpg.Pool
    systems: Systems
    vault: Vault
    control: httpx.AsyncClient
    shop_id: int
    account_id: int
    options: Options | None = None

    async def run(
        self, task_type: TaskType, payload: Payload | None = None, *, is_uncertain: bool = False, **task: Any
    ) -> Done:
        """One attempt of a task, committed when it succeeds; `task`: fields of its header."""
        fields = {"shop_id": self.shop_id, "type": task_type, **task}
        attempt = Run(header(**fields), payload or Payload(body=b""), 1, is_uncertain, self.pool)
        attempt.observe_calls()
        try:
            outcome = await registry(self.systems, self.options)[task_type](attempt)
        except Exception as error:  # noqa: BLE001 - what the frame would see
            await attempt.end(commit=False)
            return Done(attempt.task, None, error, attempt.calls)
        await attempt.end(commit=True)
        return Done(attempt.task, outcome, None, attempt.calls)

    async def follow(self, follow_up: FollowUp, **task: Any) -> Done:
        """One attempt of a task that another one caused."""
        fields: dict[str, Any] = {
            "source_id": follow_up.source_id,
            "order_number": follow_up.order_number,
            "account_id": follow_up.account_id,
        }
        return await self.run(follow_up.type, follow_up.payload, **(fields | task))

    async def deliver(self, topic: str, body: dict[str, Any], *, triggered_at: str | None = None) -> Done:
        """The webhook and the indexing it causes; returns how the indexing went."""
        kind = TaskType.CUSTOMER_WEBHOOK if topic.startswith("customers/") else TaskType.ORDER_WEBHOOK
        received = await self.run(kind, delivery(topic, body, triggered_at=triggered_at))
        (index,) = received.follow_ups
        return await self.follow(index)

    async def sync(self, task_type: TaskType, source_id: int, **task: Any) -> Done:
        """One attempt of a task that talks to the CRM."""
        account: dict[str, Any] = {"account_id": self.account_id, "source_id": str(source_id)}
        return await self.run(task_type, **(account | task))

    async def faults(self, *rules: dict[str, Any]) -> None:
        answer = await self.control.put("/faults", json=[{"system": "engage", **rule} for rule in rules])
        answer.raise_for_status()

    async def contacts(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (await self.control.get("/engage/contacts")).json()["contacts"]
        return found

    async def receipts(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (await self.control.get("/engage/receipts")).json()["receipts"]
        return found

    async def mails(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (await self.control.get("/engage/orders")).json()["orders"]
        return found

    async def counts(self) -> dict[str, Any]:
        found: dict[str, Any] = (await self.control.get("/engage/counts")).json()
        return found

    async def create_contact(self, **fields: str) -> str:
        """A contact somebody else has made in the CRM."""
        base = str(self.control.base_url).replace("/control/", "/engage")
        async with httpx.AsyncClient(
            trust_env=False, headers={"apikey": API_KEY, "User-Agent": "x/1"}
        ) as client:
            created = await client.post(f"{base}/api/v3/contacts", json=fields)
        return str(created.raise_for_status().json())

    async def delete_contact(self, contact_id: str) -> None:
        base = str(self.control.base_url).replace("/control/", "/engage")
        async with httpx.AsyncClient(
            trust_env=False, headers={"apikey": API_KEY, "User-Agent": "x/1"}
        ) as client:
            (await client.delete(f"{base}/api/v3/contacts/{contact_id}")).raise_for_status()

    async def customer_row(self, source_id: int) -> asyncpg.Record:
        query = "SELECT * FROM store.customers WHERE shop_id = $1 AND source_id = $2"
        row = await self.pool.fetchrow(query, self.shop_id, str(source_id))
        assert row is not None
        return row

    async def order_row(self, source_id: int) -> asyncpg.Record:
        query = "SELECT * FROM store.orders WHERE shop_id = $1 AND source_id = $2"
        row = await self.pool.fetchrow(query, self.shop_id, str(source_id))
        assert row is not None
        return row

    async def set_account(self, **columns: Any) -> None:
        """Changes `settings`, `base_url`, `credentials` or `is_active` of the CRM account."""
        for name, value in columns.items():
            statement = f"UPDATE store.accounts SET {name} = $1 WHERE id = $2"
            await self.pool.execute(statement, value, self.account_id)

    async def effect(self, key: str) -> tuple[UUID, bool] | None:
        """Who made or tried an effect, and whether it is known to have happened."""
        query = "SELECT task_id, is_done FROM store.effects WHERE account_id = $1 AND effect_key = $2"
        row = await self.pool.fetchrow(query, self.account_id, key)
        return None if row is None else (UUID(str(row["task_id"])), row["is_done"])


def once(route: str, fault: str) -> dict[str, Any]:
    """A fault that strikes one request; a slow answer takes longer than the client waits."""
    return {"route": route, "fault": fault, "times": 1, "delay_ms": 1_400 if fault == "slow" else None}


def delivery(topic: str | None, body: dict[str, Any] | bytes, *, triggered_at: str | None = None) -> Payload:
    headers = {} if triggered_at is None else {"X-Shopify-Triggered-At": triggered_at}
    content = body if isinstance(body, bytes) else orjson.dumps(body)
    return Payload(body=content, topic=topic, headers=headers)


async def add_shop(pool: asyncpg.Pool) -> int:
    shop_id: int = await pool.fetchval(
        "INSERT INTO store.shops (domain, name, email, data_key) "
        "VALUES ('acme.myshopify.com', 'Acme', 'a@x', '') RETURNING id"
    )
    return shop_id


async def add_account(pool: asyncpg.Pool, vault: Vault, *, shop_id: int, base_url: str) -> int:
    account_id: int = await pool.fetchval(
        "INSERT INTO store.accounts (shop_id, kind, name, base_url, credentials, settings, created_at) "
        "VALUES ($1, 'engage', 'Main', $2, $3, $4, '2026-11-01') RETURNING id",
        shop_id,
        base_url,
        vault.seal(orjson.dumps({"api_key": API_KEY})),
        {"store_external_id": STORE_ID},
    )
    return account_id
