"""Publishes messages again that the broker has lost, under their old ids.

Where a message was there all the same, the inbox lets one of both run. What is published again goes by the
shortest wait queue to its lane and is not recorded once more: the log knows it already.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from msgspec import structs

from query_api.operations.pace import batch_size, rest_s
from query_api.operations.received import received_by
from query_api.requeue.stuck import Standing, Stuck, Wanted, shops, stuck_tasks
from shared.envelope import Transition, utc_now
from shared.vault import Vault

# Puts one message into the wait queue nearest to so many milliseconds; returns once the broker has confirmed.
Defer = Callable[[Transition, float], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Report:
    """How many tasks of each shop (its domain) and type stand how."""

    numbers: Counter[tuple[str, str, Standing]] = field(default_factory=Counter)

    def of(self, standing: Standing) -> int:
        return sum(n for (_, _, one), n in self.numbers.items() if one is standing)


class Requeueing:
    """`defer` None: a dry run, which only counts."""

    def __init__(self, connection: Any, vault: Vault, *, defer: Defer | None, per_second: float) -> None:
        self._connection = connection
        self._vault = vault
        self._defer = defer
        self._per_second = per_second

    async def run(self, wanted: Wanted, report: Report) -> None:
        """Counts into `report` what the broker has confirmed. Raises NotPublished: run it again, then."""
        for shop_id, domain in (await shops(self._connection, wanted.domain)).items():
            async for page in stuck_tasks(self._connection, shop_id, wanted):
                for batch in _batches(page, batch_size(self._per_second)):
                    for one in await self._publish(batch):
                        report.numbers[domain, one.type, one.standing] += 1

    async def _publish(self, batch: Sequence[Stuck]) -> list[Stuck]:
        began = time.monotonic()
        found = [await self._with_data(one) for one in batch]
        lost = [one for one in found if one.standing is Standing.LOST]
        if self._defer is not None and lost:
            now = utc_now()
            await asyncio.gather(*(self._defer(one.message, _wait_ms(one, now)) for one in lost))
            await asyncio.sleep(rest_s(len(lost), self._per_second, time.monotonic() - began))
        return found

    async def _with_data(self, stuck: Stuck) -> Stuck:
        if stuck.standing is not Standing.LOST:
            return stuck
        payload = await received_by(self._connection, self._vault, stuck)
        if payload is None:
            return replace(stuck, standing=Standing.NO_DATA)
        return replace(stuck, message=structs.replace(stuck.message, payload=payload))


def _wait_ms(stuck: Stuck, now: datetime) -> float:
    due_at = stuck.message.detail.due_at
    return 0.0 if due_at is None else max(0.0, (due_at - now).total_seconds() * 1000)


def _batches(page: Sequence[Stuck], size: int) -> list[Sequence[Stuck]]:
    return [page[start : start + size] for start in range(0, len(page), size)]
