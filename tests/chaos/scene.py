"""The running system as those who inject faults see it, and what an injection is."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aio_pika
import asyncpg

from devstack.program import Program
from tests.acceptance.stack import Stack
from tests.chaos.history import Facts, History
from tests.chaos.passage import Passage
from tests.chaos.schedule import POSTGRES, RABBITMQ, Fault

PATIENCE_S = 600.0
NOT_THERE = (
    OSError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    aio_pika.exceptions.AMQPError,
    TimeoutError,
)


@dataclass(frozen=True)
class Scene:
    """`passages` lead to the servers by name, `environments` are what each service was started with;
    `faketime` None: no clock is shifted; `in_force`: what others do by the number of the fault."""

    stack: Stack
    history: History
    passages: Mapping[str, Passage]
    environments: Mapping[str, Mapping[str, str]]
    faketime: Path | None
    in_force: dict[int, list[Facts]] = field(default_factory=dict)

    def server(self, name: str) -> Program:
        return {POSTGRES: self.stack.postgres, RABBITMQ: self.stack.rabbitmq}[name]


# Does it when entered, undoes it when left; what it fills in is noted with its end.
Injection = Callable[[Scene, Fault, Facts], AbstractAsyncContextManager[None]]


async def insistently(do: Callable[[], Awaitable[object]], *failures: type[Exception]) -> None:
    """Until it works: whoever does it may find servers or processes away."""
    expected = failures or NOT_THERE
    async with asyncio.timeout(PATIENCE_S):
        while True:
            try:
                await do()
            except expected:
                await asyncio.sleep(0.5)
            else:
                return


@asynccontextmanager
async def meanwhile(work: Coroutine[None, None, None]) -> AsyncIterator[None]:
    doing = asyncio.create_task(work)
    try:
        yield
    finally:
        doing.cancel()
        await asyncio.gather(doing, return_exceptions=True)


async def nothing() -> None:
    """For where there is nothing to be done meanwhile."""
