"""Who runs which attempt: claims with leases, completions with outcomes. All clocks are the database's."""

import asyncio
import secrets
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import count
from typing import Any, TypeVar
from uuid import UUID

import asyncpg
import structlog

from shared.batching import Batcher
from shared.db.outages import ANY_DATABASE_ERROR, blames_the_statement
from shared.db.queries import load_queries
from shared.envelope import TaskHeader

log = structlog.get_logger()

LEASE_S = 30
RENEW_INTERVAL_S = 10
SETTLE_INTERVAL_S = 1
MAX_TAKEOVERS = 3

T = TypeVar("T")

_queries = load_queries(__file__, "inbox")


class Verdict(StrEnum):
    """Explained at `store.claim_task` in the schema."""

    RUN = "run"
    DUPLICATE = "duplicate"
    EXHAUSTED = "exhausted"
    FINISHED = "finished"
    STALE = "stale"
    BUSY = "busy"
    ENTITY = "entity"
    PAUSED = "paused"
    HELD = "held"


@dataclass(frozen=True, slots=True)
class Claim:
    verdict: Verdict
    is_resumed: bool
    outcome: bytes | None
    first_task: UUID | None
    not_before: datetime | None


@dataclass(frozen=True, slots=True)
class Bid:
    """A wish to run an attempt. Each has its own `owner`, so asking again after a lost answer is safe."""

    task: TaskHeader
    attempt: int
    owner: str


@dataclass(frozen=True, slots=True)
class Completion:
    """How an attempt ends: for good or not, and the encoded transitions it publishes."""

    bid: Bid
    is_over: bool
    outcome: bytes


@dataclass(frozen=True, slots=True)
class Pause:
    """How long every replica leaves an account alone; a hold ends with new credentials as well."""

    length: timedelta
    reason: str
    is_hold: bool = False


def entity_key(task: TaskHeader) -> str | None:
    """What no two tasks of a shop may work on at once, e.g. `order:5523001122334`."""
    if task.spec.entity is None or task.source_id is None:
        return None
    return f"{task.spec.entity}:{task.source_id}"


class Inbox:
    """Claims and completions of concurrent tasks share statements. `run` keeps the leases alive."""

    def __init__(self, pool: asyncpg.Pool, *, instance: str) -> None:
        self._pool = pool
        self._owner = f"{instance}/{secrets.token_hex(6)}"
        self._numbers = count()
        self._running: dict[UUID, Bid] = {}
        self._cut_off: list[Bid] = []
        self._settled: list[tuple[UUID, int]] = []
        self._working: set[int] = set()
        self._claims: Batcher[Bid, Claim] = Batcher(self._claim_many, concerns_one=blames_the_statement)
        self._completions: Batcher[Completion, bool] = Batcher(
            self._complete_many, concerns_one=blames_the_statement
        )

        self._passes: Batcher[Completion, bool] = Batcher(self._pass_many, concerns_one=blames_the_statement)

    @property
    def running(self) -> int:
        return len(self._running)

    def bid(self, task: TaskHeader, attempt: int) -> Bid:
        return Bid(task, attempt, f"{self._owner}/{next(self._numbers):x}")

    async def claim(self, bid: Bid) -> Claim:
        claim = await self._claims.submit(bid)
        if claim.verdict in (Verdict.RUN, Verdict.DUPLICATE, Verdict.EXHAUSTED):
            self._running[bid.task.id] = bid
        return claim

    async def complete(self, completion: Completion, *, connection: Any = None) -> bool:
        """False: the lease was lost and somebody else ends this attempt. Joins `connection`'s transaction."""
        if connection is None:
            is_completed = await self._completions.submit(completion)
        else:
            is_completed = (await self._complete_on(connection, [completion]))[0]
        self._running.pop(completion.bid.task.id, None)
        return is_completed

    async def pass_through(self, completion: Completion) -> bool:
        """Claims and ends a first attempt at once. False: it has to be claimed by itself, to learn why."""
        return await self._passes.submit(completion)

    async def holding(self, bid: Bid, attempt: Awaitable[T]) -> T:
        """Awaits the attempt; one cut off, as when the broker is lost, or crashed, is soon anybody's to take
        over: its lease would be renewed for ever and nobody run it."""
        try:
            return await attempt
        except BaseException:
            if self._running.pop(bid.task.id, None) is not None:
                self._cut_off.append(bid)
            raise

    def settle(self, task_id: UUID, attempt: int) -> None:
        """The broker has confirmed the outcome; it need not be kept."""
        self._settled.append((task_id, attempt))

    async def pause_account(self, account_id: int, pause: Pause) -> None:
        await _queries.pause_account(
            self._pool,
            account_id=account_id,
            pause_s=pause.length.total_seconds(),
            reason=pause.reason,
            is_hold=pause.is_hold,
        )

    async def mark_account(self, account_id: int, *, problem: str | None) -> None:
        await _queries.mark_account(self._pool, account_id=account_id, problem=problem)

    def note_working(self, account_id: int) -> None:
        """A task of the account succeeded with calls: whatever its problem was, it is over."""
        self._working.add(account_id)

    async def run(self) -> None:
        """Renews leases and settles outcomes until cancelled; the database may come and go."""
        elapsed = 0
        while True:
            await asyncio.sleep(SETTLE_INTERVAL_S)
            elapsed += SETTLE_INTERVAL_S
            try:
                await self._let_go()
                await self._flush_settled()
                await self._flush_working()
                if elapsed >= RENEW_INTERVAL_S:
                    elapsed = 0
                    await self._renew()
            except ANY_DATABASE_ERROR as error:
                log.warning("inbox_upkeep_failed", reason=repr(error))

    async def close(self) -> None:
        """Lets go of what was broken off, for another worker to take over."""
        await self._flush_settled()
        self._cut_off += self._running.values()
        await self._let_go()

    async def _let_go(self) -> None:
        if self._cut_off:
            left, self._cut_off = self._cut_off, []
            task_ids, owners = [bid.task.id for bid in left], [bid.owner for bid in left]
            await _queries.expire(self._pool, task_ids=task_ids, owners=owners)

    async def _flush_working(self) -> None:
        if self._working:
            working, self._working = self._working, set()
            await _queries.clear_problems(self._pool, account_ids=list(working))
            await _queries.release(self._pool, account_ids=list(working))

    async def _flush_settled(self) -> None:
        if not self._settled:
            return
        settled, self._settled = self._settled, []
        task_ids, attempts = zip(*settled, strict=True)
        bounds = {"lowest": min(task_ids), "highest": max(task_ids)}
        await _queries.settle(self._pool, task_ids=task_ids, attempts=attempts, **bounds)

    async def _renew(self) -> None:
        running = sorted(self._running.values(), key=lambda bid: _lock_order(bid.task))
        if not running:
            return
        task_ids, owners = [bid.task.id for bid in running], [bid.owner for bid in running]
        await _queries.renew_tasks(self._pool, task_ids=task_ids, owners=owners, lease_s=LEASE_S)
        await _queries.renew_entities(
            self._pool,
            task_ids=task_ids,
            shop_ids=[bid.task.shop_id for bid in running],
            entities=[entity_key(bid.task) for bid in running],
            lease_s=LEASE_S,
        )

    async def _claim_many(self, bids: Sequence[Bid]) -> list[Claim]:
        order = sorted(range(len(bids)), key=lambda i: _lock_order(bids[i].task))
        asked = [bids[i] for i in order]
        rows = _queries.claim(
            self._pool,
            task_ids=[bid.task.id for bid in asked],
            attempts=[bid.attempt for bid in asked],
            shop_ids=[bid.task.shop_id for bid in asked],
            account_ids=[_obeyed_account(bid.task) for bid in asked],
            entities=[entity_key(bid.task) for bid in asked],
            delivery_keys=[bid.task.delivery_key for bid in asked],
            owners=[bid.owner for bid in asked],
            lease_s=LEASE_S,
            max_takeovers=MAX_TAKEOVERS,
        )
        return _in_asked_order(order, [_claim_of(row) async for row in rows])

    async def _pass_many(self, completions: Sequence[Completion]) -> list[bool]:
        ending = sorted(completions, key=lambda completion: _lock_order(completion.bid.task))
        rows = _queries.pass_through(
            self._pool,
            task_ids=[end.bid.task.id for end in ending],
            attempts=[end.bid.attempt for end in ending],
            shop_ids=[end.bid.task.shop_id for end in ending],
            account_ids=[_obeyed_account(end.bid.task) for end in ending],
            delivery_keys=[end.bid.task.delivery_key for end in ending],
            owners=[end.bid.owner for end in ending],
            outcomes=[end.outcome for end in ending],
        )
        passed = {row["owner"] async for row in rows}
        return [completion.bid.owner in passed for completion in completions]

    async def _complete_many(self, completions: Sequence[Completion]) -> list[bool]:
        return await self._complete_on(self._pool, completions)

    async def _complete_on(self, connection: Any, completions: Sequence[Completion]) -> list[bool]:
        order = sorted(range(len(completions)), key=lambda i: _lock_order(completions[i].bid.task))
        ending = [completions[i] for i in order]
        rows = _queries.complete(
            connection,
            task_ids=[end.bid.task.id for end in ending],
            attempts=[end.bid.attempt for end in ending],
            shop_ids=[end.bid.task.shop_id for end in ending],
            entities=[entity_key(end.bid.task) for end in ending],
            are_over=[end.is_over for end in ending],
            owners=[end.bid.owner for end in ending],
            outcomes=[end.outcome for end in ending],
        )
        return _in_asked_order(order, [row["is_completed"] async for row in rows])


def _obeyed_account(task: TaskHeader) -> int | None:
    """The account whose pauses hold the task back."""
    return None if task.spec.ignores_pauses else task.account_id


def _lock_order(task: TaskHeader) -> tuple[int, str, UUID]:
    """All workers lock entities and tasks in this order, so that no two wait for each other."""
    return (task.shop_id, entity_key(task) or "", task.id)


def _claim_of(row: Any) -> Claim:
    return Claim(
        Verdict(row["verdict"]),
        row["is_resumed"],
        row["outcome"],
        row["first_task"],
        row["not_before"],
    )


def _in_asked_order(order: list[int], answers: list[Any]) -> list[Any]:
    by_place: list[Any] = [None] * len(order)
    for place, answer in zip(order, answers, strict=True):
        by_place[place] = answer
    return by_place
