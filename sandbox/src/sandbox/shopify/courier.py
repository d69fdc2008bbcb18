"""Delivers webhooks as Shopify does: five seconds to answer, any 2xx, eight retries with growing pauses."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

import httpx

from sandbox.shopify.delivery import Delivery
from sandbox.shopify.generator import Parcel
from sandbox.shopify.ledger import DeliveryRecord, Ledger
from sandbox.shopify.single import Letter

RETRIES = 8
LADDER_S = 4 * 60 * 60
CONNECT_TIMEOUT_S = 1.0
TOTAL_TIMEOUT_S = 5.0
AT_ONCE = 32
MAX_PENDING = 2_000
Closed = Callable[[DeliveryRecord], None]


def retry_delays(scale: float) -> tuple[float, ...]:
    """Seconds before each retry: doubling, together four hours times `scale`."""
    first = LADDER_S / (2**RETRIES - 1)
    return tuple(first * 2**number * scale for number in range(RETRIES))


class Courier:
    """Carries parcels to one address; `hand_over` waits while too many are under way."""

    def __init__(self, *, url: str, ledger: Ledger, retry_scale: float) -> None:
        self._url = url
        self._ledger = ledger
        self._delays = retry_delays(retry_scale)
        self._at_once = asyncio.Semaphore(AT_ONCE)
        self._places = asyncio.Semaphore(MAX_PENDING)
        self._under_way: set[asyncio.Task[None]] = set()
        timeout = httpx.Timeout(TOTAL_TIMEOUT_S, connect=CONNECT_TIMEOUT_S, pool=None)
        limits = httpx.Limits(max_connections=AT_ONCE, max_keepalive_connections=AT_ONCE)
        self._http = httpx.AsyncClient(timeout=timeout, limits=limits, trust_env=False)

    async def hand_over(self, parcel: Parcel, *, closed: Closed | None = None) -> None:
        """Take the parcel and return; `closed` is called once it is delivered or given up."""
        await self._places.acquire()
        delivery = parcel.delivery
        record = DeliveryRecord(
            delivery.webhook_id, delivery.topic, str(delivery.resource.id), parcel.is_copy
        )
        self._ledger.opened(record)
        task = asyncio.create_task(self._carry(delivery, record, closed))
        self._under_way.add(task)
        task.add_done_callback(self._arrived)

    def _arrived(self, task: asyncio.Task[None]) -> None:
        self._under_way.discard(task)
        self._places.release()

    async def _carry(self, delivery: Delivery, record: DeliveryRecord, closed: Closed | None) -> None:
        delivered = await self.attempt(delivery, record)
        for delay in self._delays:
            if delivered:
                break
            await asyncio.sleep(delay)
            delivered = await self.attempt(delivery, record)
        self._ledger.closed(record, delivered=delivered)
        if closed is not None:
            closed(record)

    async def attempt(self, delivery: Delivery, record: DeliveryRecord) -> bool:
        """One POST of the delivery's headers and bytes; True for any 2xx. Redirects are not followed."""
        async with self._at_once:
            record.attempts += 1
            record.status = record.error = record.answered_ms = None
            started = time.perf_counter()
            try:
                async with asyncio.timeout(TOTAL_TIMEOUT_S):
                    answer = await self._http.post(self._url, content=delivery.body, headers=delivery.headers)
                record.status = answer.status_code
                record.answered_ms = round((time.perf_counter() - started) * 1000, 3)
            except (httpx.HTTPError, TimeoutError) as error:
                record.error = type(error).__name__
        self._ledger.attempted(record)
        return record.status is not None and 200 <= record.status < 300

    async def post(self, letter: Letter, *, times: int) -> list[dict[str, Any]]:
        """The answer to each of `times` posts of the same bytes, one after the other, without retries."""
        answers: list[dict[str, Any]] = []
        for _ in range(times):
            try:
                answer = await self._http.post(self._url, content=letter.body, headers=letter.headers)
                answers.append({"status": answer.status_code, "body": answer.text, "error": None})
            except httpx.HTTPError as error:
                answers.append({"status": None, "body": None, "error": type(error).__name__})
        return answers

    @property
    def pending(self) -> int:
        return len(self._under_way)

    async def receiver_answered(self, *, every_s: float) -> None:
        """Ask until something speaks HTTP at the receiver's address."""
        while True:
            try:
                await self._http.get(httpx.URL(self._url).copy_with(path="/livez"))
            except httpx.HTTPError:
                await asyncio.sleep(every_s)
            else:
                return

    async def close(self) -> None:
        """Drop what is under way."""
        for task in self._under_way:
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)
        await self._http.aclose()
