"""What a handler gets and gives: a `Run` in, an `Outcome` out, a `TaskError` when it could not."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import asyncpg
from msgspec.structs import replace

from shared.envelope import Call, Payload, TaskHeader, Transition
from shared.tasks import Api, Lane, TaskType

_run: ContextVar["Run | None"] = ContextVar("run", default=None)
_part: ContextVar[Api | None] = ContextVar("part", default=None)


@dataclass(frozen=True, slots=True)
class FollowUp:
    """A task that this one causes; it gets its id when the outcome is stored.

    `lane` None: the one this task was given, else its type's. `delay_ms`: how long it waits before it may
    run, rounded up to a step of the wait ladder. `id`: for what is written down in the same transaction.
    """

    type: TaskType
    payload: Payload
    source_id: str | None = None
    order_number: str | None = None
    account_id: int | None = None
    retry_policy: str | None = None
    lane: Lane | None = None
    delay_ms: int = 0
    id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a task succeeded. `note` tells people why there was less to do than expected."""

    note: str | None = None
    source_id: str | None = None
    target_id: str | None = None
    order_number: str | None = None
    summary: dict[str, Any] | None = None
    items_processed: int | None = None
    items_failed: int | None = None
    items_total: int | None = None
    follow_ups: tuple[FollowUp, ...] = ()


@dataclass(slots=True)
class Run:
    """One attempt of a task.

    `is_uncertain`: an earlier attempt may have had its effect at the other side, so read back first.
    `is_claimed` False: nobody has made sure yet that nobody else makes the same attempt (`Plain`).
    """

    task: TaskHeader
    payload: Payload
    attempt: int
    is_uncertain: bool
    pool: asyncpg.Pool
    calls: list[Call] = field(default_factory=list)
    is_claimed: bool = True
    _connection: Any = None
    _transaction: Any = None

    def needs_claim(self) -> None:
        """From here on the attempt has an effect. Raises Unclaimed, and is made anew once it is claimed."""
        if not self.is_claimed:
            raise Unclaimed

    async def begin(self) -> Any:
        """The transaction in which the attempt also completes: what is written in it counts only if it does.

        Open it after the last call to another system, so that no connection waits for one.
        """
        self.needs_claim()
        if self._connection is None:
            self._connection = await self.pool.acquire()
            self._transaction = self._connection.transaction()
            await self._transaction.start()
        return self._connection

    @property
    def connection(self) -> Any:
        """The transaction's connection if the handler began one."""
        return self._connection

    async def end(self, *, commit: bool) -> None:
        """Commits or rolls back what `begin` started and gives the connection back."""
        if self._connection is None:
            return
        connection, transaction = self._connection, self._transaction
        self._connection = self._transaction = None
        try:
            await (transaction.commit() if commit else transaction.rollback())
        finally:
            await self.pool.release(connection)

    def observe_calls(self) -> None:
        """From here on, calls recorded in this asyncio task belong to this run."""
        _run.set(self)


Handler = Callable[[Run], Awaitable[Outcome]]

# Writes down, in the transaction that ends the attempt, that it ended as the transition says: not well.
AfterTrouble = Callable[[Any, Run, Transition], Awaitable[None]]


class Unclaimed(Exception):
    """The attempt of a `Plain` handler turns out to have effects."""


@dataclass(frozen=True, slots=True)
class Plain:
    """A handler that reads at most, and says what follows: made twice, it has done nothing twice.

    It runs before its attempt is claimed, and what it says counts if the attempt is its own to claim and to
    end, which one statement decides. Where it may go further it has to say so first: `Run.needs_claim`.
    """

    handler: Handler

    async def __call__(self, run: Run) -> Outcome:
        return await self.handler(run)


@dataclass(frozen=True, slots=True)
class Accountable:
    """A handler whose task's trouble has to be written down elsewhere too, exactly as often as it happens."""

    handler: Handler
    after_trouble: AfterTrouble

    async def __call__(self, run: Run) -> Outcome:
        return await self.handler(run)


def record_call(call: Call) -> None:
    """Clients report each request they made; outside of a run it is forgotten."""
    run = _run.get()
    if run is not None:
        run.calls.append(replace(call, category=_part.get() or call.category))


def asked_for(call: Call) -> Api | None:
    """What part of the other system a call tells of; None: of none that is watched by itself."""
    run = _run.get()
    return _part.get() or call.category or (run.task.spec.api if run is not None else None)


@contextmanager
def asking_for(category: Api) -> Iterator[None]:
    """Calls made meanwhile tell of this part of the other system, whatever they ask for."""
    token = _part.set(category)
    try:
        yield
    finally:
        _part.reset(token)
