"""Starts tasks that people ask for: the broker has confirmed them, or the request is refused."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from query_api.problems import RETRY_AFTER_S, Problem
from shared.envelope import Transition
from shared.publishing import NotPublished, Publisher

SERVICE = "query-api"
CONNECT_PATIENCE_S = 2


class Starter:
    """Reading needs no broker, so it is connected beside everything else, whenever it comes."""

    def __init__(
        self,
        publisher: Publisher,
        connect: Callable[[], Awaitable[None]],
        keep: Callable[[], Awaitable[None]],
    ) -> None:
        self._publisher = publisher
        self._connect = connect
        self._keep = keep
        self._connected = asyncio.Event()

    async def run(self) -> None:
        """Connects, however long that takes, and stays connected until cancelled."""
        await self._connect()
        self._connected.set()
        await self._keep()

    async def start(self, transition: Transition) -> None:
        """Raises Problem when the broker did not confirm; it may have the task all the same."""
        await self.start_all([transition])

    async def start_all(self, transitions: Sequence[Transition]) -> None:
        """Raises Problem when the broker did not confirm all of them; it may have some all the same."""
        try:
            await self.publish(transitions)
        except NotPublished as error:
            raise broker_unavailable() from error

    async def publish(self, transitions: Sequence[Transition]) -> None:
        """The same for those who can wait. Raises NotPublished."""
        try:
            async with asyncio.timeout(CONNECT_PATIENCE_S):
                await self._connected.wait()
        except TimeoutError as error:
            raise NotPublished("The broker has not been reached yet") from error
        await self._publisher.publish(transitions)


def broker_unavailable() -> Problem:
    return Problem(
        503,
        "broker-unavailable",
        f"The message broker does not answer, so nothing was started. Try again in {RETRY_AFTER_S} seconds.",
        headers={"Retry-After": str(RETRY_AFTER_S)},
    )
