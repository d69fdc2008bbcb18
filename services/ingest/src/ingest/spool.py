"""Where tasks stay in Postgres while the broker is away, in the exact bytes that will be published."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg

from ingest.database import within
from shared.batching import Batcher
from shared.db.outages import ANY_DATABASE_ERROR
from shared.db.queries import load_queries

MAX_ROWS_PER_INSERT = 50
MAX_INSERTS_AT_ONCE = 2

_queries = load_queries(__file__, "spool")


@dataclass(frozen=True, slots=True)
class Message:
    """A task on its way: encoded, with its routing key."""

    task_id: UUID
    routing_key: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Row:
    """A spooled message under the lock of this relay."""

    id: int
    routing_key: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Backlog:
    depth: int
    age_s: float


class NotSpooled(Exception):
    """The database did not confirm. The row may exist all the same; publishing it twice is harmless."""


class Spool:
    """Concurrent inserts share a statement."""

    def __init__(self, pool: asyncpg.Pool, *, timeout_s: float) -> None:
        self._pool = pool
        self._timeout_s = timeout_s
        self._inserts: Batcher[Message, None] = Batcher(
            self._insert_many, max_size=MAX_ROWS_PER_INSERT, max_flushes=MAX_INSERTS_AT_ONCE
        )

    async def keep(self, message: Message) -> None:
        """Returns once the message is committed. Raises NotSpooled, after the deadline at the latest."""
        try:
            async with asyncio.timeout(self._timeout_s):
                await self._inserts.submit(message)
        except ANY_DATABASE_ERROR as error:
            raise NotSpooled(repr(error)) from error

    async def backlog(self) -> Backlog:
        row = await _queries.backlog(self._pool)
        return Backlog(row["depth"], row["age_s"])

    async def _insert_many(self, messages: Sequence[Message]) -> list[None]:
        insert = _queries.spool(
            self._pool,
            task_ids=[message.task_id for message in messages],
            routing_keys=[message.routing_key for message in messages],
            bodies=[message.body for message in messages],
        )
        await within(self._timeout_s, insert)
        return [None] * len(messages)


async def reserve(connection: Any, *, max_rows: int, max_bytes: int) -> list[Row]:
    """Locks the oldest free rows until the transaction ends: as many as fit, one in any case."""
    sizes = [(row["id"], row["size"]) async for row in _queries.reserve(connection, wanted=max_rows)]
    ids = fitting(sizes, max_bytes)
    rows = _queries.read_reserved(connection, ids=ids)
    return [Row(row["id"], row["routing_key"], row["body"]) async for row in rows]


async def remove(connection: Any, ids: Sequence[int]) -> None:
    await _queries.remove(connection, ids=ids)


def fitting(sizes: Sequence[tuple[int, int]], max_bytes: int) -> list[int]:
    """The ids of the first rows that fit in together, the very first one always."""
    chosen: list[int] = []
    total = 0
    for row_id, size in sizes:
        total += size
        if chosen and total > max_bytes:
            break
        chosen.append(row_id)
    return chosen
