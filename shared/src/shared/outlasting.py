"""Waiting for our own broker and database, for as long as they are away."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import structlog

from shared.db.outages import INFRASTRUCTURE_ERRORS
from shared.publishing import NotPublished

log = structlog.get_logger()

AWAY: tuple[type[Exception], ...] = (NotPublished, *INFRASTRUCTURE_ERRORS)
BACK_OFF_S = 1.0

T = TypeVar("T")


async def until_up(action: Callable[[], Awaitable[T]], name: str) -> T:
    """Repeats an action that is safe to repeat."""
    while True:
        try:
            return await action()
        except AWAY as error:
            log.warning("infrastructure_away", action=name, reason=repr(error)[:200])
            await asyncio.sleep(BACK_OFF_S)
