"""A log with shops and tokens, written through the recorder, and clients that read it through the API."""

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import httpx
from fastapi import FastAPI

from query_api.app import build_app, lifespan
from query_api.auth import Grant, Role, new_token
from query_api.recorder.reading import Entry, read
from query_api.recorder.shop_keys import ShopKeys
from query_api.recorder.writing import ensure_partitions, write
from query_api.repository.administration import ShopParticulars, put_shop, shop_id_of
from query_api.repository.tokens import store_token
from query_api.settings import QueryApiSettings
from shared.envelope import State, TaskHeader, Transition, encode, utc_now
from shared.vault import Vault
from tests.factories import header
from tests.integration.recorder.histories import life

BASE_URL = "http://console.example"


@dataclass
class World:
    """`say_recorded_until` plays the part of the recorder that tells how far it has come."""

    app: FastAPI
    pool: asyncpg.Pool
    vault: Vault
    _keys: ShopKeys = field(init=False)

    def __post_init__(self) -> None:
        self._keys = ShopKeys(self.vault)

    async def add_shop(self, name: str = "one", *, timezone: str = "UTC") -> int:
        particulars = ShopParticulars(f"{name}.example", name.title(), f"owner@{name}.example", timezone)
        await put_shop(self.pool, self.vault, particulars, secret="s")
        shop_id = await shop_id_of(self.pool, particulars.domain)
        assert shop_id is not None
        return shop_id

    async def record(self, transitions: Iterable[Transition]) -> None:
        entries: list[Entry] = []
        for transition in transitions:
            entries += read(encode([transition]), utc_now()).entries
        await ensure_partitions(self.pool, entries)
        await write(self.pool, self._keys, entries)

    async def record_task(self, *ends: State, begins_at: datetime | None = None, **facts: Any) -> TaskHeader:
        """One task created at `begins_at` with attempts that ended so; other facts go to its header."""
        moment = begins_at or utc_now()
        task = header(id=task_id_at(moment), queued_at=moment, **facts)
        await self.record(life(task, ends, begins_at=moment))
        return task

    async def say_recorded_until(self, moment: datetime, *, backlog: int = 0) -> None:
        await self.pool.execute(
            "INSERT INTO ledger.recorders (instance, as_of, backlog) VALUES ('r1', $1, $2) "
            "ON CONFLICT (instance) DO UPDATE "
            "SET as_of = excluded.as_of, backlog = excluded.backlog, seen_at = clock_timestamp()",
            moment,
            backlog,
        )

    async def token(
        self,
        role: Role = Role.ADMIN,
        *,
        shop_ids: Sequence[int] | None = None,
        expires_at: datetime | None = None,
    ) -> str:
        text = new_token()
        shops = None if shop_ids is None else tuple(shop_ids)
        await store_token(self.pool, text, Grant("test", role, shops, expires_at))
        return text

    @asynccontextmanager
    async def reader(
        self, role: Role = Role.ADMIN, *, shop_ids: Sequence[int] | None = None
    ) -> AsyncIterator["Api"]:
        """A client of the API with a token of its own."""
        token = await self.token(role, shop_ids=shop_ids)
        headers = {"Authorization": f"Bearer {token}"}
        async with client_of(self.app, headers=headers) as client:
            yield Api(client)


_IDLE_APPS: list[FastAPI] = []


@asynccontextmanager
async def serving(settings: QueryApiSettings, **changes: Any) -> AsyncIterator[World]:
    """The API on these settings. Apps are used again: making the routes of one takes a third of a second."""
    app = _IDLE_APPS.pop() if _IDLE_APPS else build_app(settings)
    async with lifespan(app, settings.model_copy(update=changes)):
        yield World(app, app.state.backend.pool, app.state.backend.vault)
    _IDLE_APPS.append(app)


class Api:
    """Answers of `/api/v1` as data."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client

    async def get(self, path: str, **parameters: Any) -> Any:
        answer = await self.client.get(f"/api/v1{path}", params=parameters)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def problem(self, path: str, **parameters: Any) -> dict[str, Any]:
        """The body of an error, whose shape is checked."""
        answer = await self.client.get(f"/api/v1{path}", params=parameters)
        body: dict[str, Any] = answer.json()
        assert answer.headers["content-type"] == "application/problem+json"
        assert body["status"] == answer.status_code
        assert {"type", "title", "status", "detail", "errors"} == set(body)
        assert body["detail"]
        return body

    async def ids(self, **parameters: Any) -> list[str]:
        return [task["id"] for task in (await self.get("/tasks", **parameters))["tasks"]]

    async def walk(self, **parameters: Any) -> list[str]:
        """The ids of all pages, by `next`."""
        page = await self.get("/tasks", **parameters)
        ids = [task["id"] for task in page["tasks"]]
        while page["next"]:
            page = await self.get("/tasks", cursor=page["next"], **parameters)
            ids += [task["id"] for task in page["tasks"]]
        return ids


def client_of(app: FastAPI, *, headers: dict[str, str] | None = None) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url=BASE_URL, headers=headers or {})


def task_id_at(moment: datetime) -> UUID:
    """An id of a task created then; the rest is random."""
    fresh = header().id.int
    milliseconds = int(moment.timestamp() * 1_000)
    return UUID(int=(milliseconds << 80) | (fresh & (2**80 - 1)))


def ago(**amount: float) -> datetime:
    return datetime.now(UTC) - timedelta(**amount)


def ids_of(tasks: Iterable[TaskHeader]) -> list[str]:
    return [str(task.id) for task in tasks]
