"""Asks shops in the background, a few at once, and sees to what that shows."""

import asyncio
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import structlog
from prometheus_client import Counter

from alerting.proving import proofs
from alerting.proving.asking import Asking
from alerting.proving.evidence import Finding, unproven
from alerting.proving.proofs import AskedShop
from alerting.proving.remedies import tasks_of
from shared.alerts.silence import REMEMBERED, WantedProof
from shared.envelope import utc_now
from shared.outlasting import AWAY
from shared.publishing import Publisher
from shared.stopping import stop

log = structlog.get_logger()

PATIENCE_S = 60
AT_ONCE = 4
BATCH = 50
KEPT = timedelta(days=90)
PROOFS = Counter("syncledger_silence_proofs_total", "Shops asked about a silence", ["verdict"])


@dataclass(slots=True)
class Prover:
    """One per process. `begin` is called by each round of the evaluation, `end` when the process stops."""

    asking: Asking
    pool: Any
    publisher: Publisher
    service: str
    _asked: dict[int, asyncio.Task[None]] = field(default_factory=dict)
    _tending: asyncio.Task[None] | None = None
    _room: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))

    def begin(self, wanted: Mapping[int, WantedProof]) -> None:
        """Returns at once; a shop that is being asked already is not asked twice."""
        for shop_id, one in wanted.items():
            if shop_id not in self._asked:
                self._asked[shop_id] = asyncio.create_task(self._in_turn(shop_id, one))
        if self._tending is None or self._tending.done():
            self._tending = asyncio.create_task(_survived(self.tend()))

    async def settled(self) -> None:
        """Until everything that was begun is over."""
        while under_way := self._under_way():
            await asyncio.gather(*under_way)

    async def end(self) -> None:
        await stop(*self._under_way())

    async def prove(self, shop_id: int, wanted: WantedProof) -> None:
        """Asks, and keeps what was said together with the tasks that follow from it."""
        shop = await proofs.read_shop(self.pool, shop_id)
        if shop is None:
            return
        finding = await self._ask(shop, wanted)
        async with self.pool.acquire() as connection, connection.transaction():
            is_kept = await proofs.keep(connection, shop_id, wanted, finding)
        if is_kept:
            PROOFS.labels(finding.verdict.value).inc()
            log.info(
                "silence_proven", shop_id=shop_id, verdict=finding.verdict, missed=len(finding.order_ids)
            )

    async def tend(self) -> None:
        """Queues the tasks of proofs, counts what they have fetched by now, and drops what is old."""
        async with self.pool.acquire() as connection, connection.transaction():
            found = await proofs.unpublished(connection, limit=BATCH)
            tasks = [task for one in found for task in tasks_of(one, service=self.service, now=utc_now())]
            await self.publisher.publish(tasks)
            await proofs.mark_published(connection, [one.id for one in found])
        await proofs.count_fetched(self.pool, asked_since=utc_now() - REMEMBERED)
        await proofs.forget(self.pool, asked_before=utc_now() - KEPT)

    async def _ask(self, shop: AskedShop, wanted: WantedProof) -> Finding:
        try:
            async with asyncio.timeout(PATIENCE_S):
                return await self.asking.ask(shop, wanted)
        except TimeoutError:
            return unproven(f"The shop did not answer within {PATIENCE_S} seconds")

    async def _in_turn(self, shop_id: int, wanted: WantedProof) -> None:
        try:
            async with self._room:
                await _survived(self.prove(shop_id, wanted))
            await _survived(self.tend())
        finally:
            del self._asked[shop_id]

    def _under_way(self) -> list[asyncio.Task[None]]:
        tending = [self._tending] if self._tending is not None and not self._tending.done() else []
        return [*self._asked.values(), *tending]


async def _survived(work: Awaitable[None]) -> None:
    """What could not be done is wanted again in the next round."""
    try:
        await work
    except AWAY as error:
        log.warning("proving_waits", reason=repr(error)[:200])
    except Exception:
        # Nobody waits for this work: what nobody foresaw would be seen by nobody.
        log.exception("proving_failed")
