"""A sign of life for a service that misses it: sent only while evaluation comes through."""

import asyncio
from datetime import timedelta
from typing import Any

import structlog

from alerting import metrics
from alerting.clients.heartbeat import Pulse
from alerting.store.alerts import last_round
from shared.envelope import utc_now
from shared.outlasting import AWAY

log = structlog.get_logger()

EVERY_S = 60.0
ALIVE_WITHIN = timedelta(minutes=2)


async def beat(pool: Any, pulse: Pulse) -> bool:
    """Whether the sign was given: on every replica, as long as any of them evaluates."""
    evaluated_at = await last_round(pool)
    if evaluated_at is None or utc_now() - evaluated_at > ALIVE_WITHIN:
        return False
    is_taken = await pulse.give()
    metrics.HEARTBEATS.labels("taken" if is_taken else "lost").inc()
    return is_taken


async def keep_beating(pool: Any, pulse: Pulse, *, every_s: float = EVERY_S) -> None:
    """Until cancelled; the database may come and go."""
    while True:
        try:
            await beat(pool, pulse)
        except AWAY as error:
            log.warning("heartbeat_left_out", reason=repr(error)[:200])
        await asyncio.sleep(every_s)
