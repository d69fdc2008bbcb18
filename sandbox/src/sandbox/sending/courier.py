"""Delivers webhooks: posts, waits, tries again as its manners say, and keeps the books."""

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, Protocol

import httpx

from sandbox.sending.ledger import DeliveryRecord, Ledger
from sandbox.sending.manners import Manners

AT_ONCE = 32
MAX_PENDING = 2_000
Closed = Callable[[DeliveryRecord], None]
Headers = tuple[tuple[str, str], ...]


class Sendable(Protocol):
    """One webhook: where it goes and the bytes every attempt repeats."""

    @property
    def webhook_id(self) -> str: ...
    @property
    def topic(self) -> str: ...
    @property
    def subject(self) -> str: ...
    @property
    def path(self) -> str: ...
    @property
    def body(self) -> bytes: ...
    def headers_at(self, now: datetime) -> Headers: ...


class Courier:
    """Carries webhooks to one receiver; `hand_over` waits while too many are under way."""

    def __init__(self, *, receiver: str, ledger: Ledger, manners: Manners) -> None:
        self._receiver = receiver.rstrip("/")
        self._ledger = ledger
        self._manners = manners
        self._at_once = asyncio.Semaphore(AT_ONCE)
        self._places = asyncio.Semaphore(MAX_PENDING)
        self._under_way: set[asyncio.Task[None]] = set()

    @cached_property
    def _http(self) -> httpx.AsyncClient:
        timeout = httpx.Timeout(
            self._manners.total_timeout_s, connect=self._manners.connect_timeout_s, pool=None
        )
        limits = httpx.Limits(max_connections=AT_ONCE, max_keepalive_connections=AT_ONCE)
        return httpx.AsyncClient(timeout=timeout, limits=limits, trust_env=False)

    async def hand_over(
        self, delivery: Sendable, *, is_copy: bool = False, closed: Closed | None = None
    ) -> None:
        """Take the delivery and return; `closed` is called once it is delivered or given up."""
        await self._places.acquire()
        record = DeliveryRecord(delivery.webhook_id, delivery.topic, delivery.subject, is_copy)
        self._ledger.opened(record)
        task = asyncio.create_task(self._carry(delivery, record, closed))
        self._under_way.add(task)
        task.add_done_callback(self._arrived)

    def _arrived(self, task: asyncio.Task[None]) -> None:
        self._under_way.discard(task)
        self._places.release()

    async def _carry(self, delivery: Sendable, record: DeliveryRecord, closed: Closed | None) -> None:
        delivered = await self._attempt(delivery, record)
        for delay in self._manners.delays_s:
            if delivered or record.status in self._manners.final:
                break
            await asyncio.sleep(delay)
            delivered = await self._attempt(delivery, record)
        self._ledger.closed(record, delivered=delivered)
        if closed is not None:
            closed(record)

    async def _attempt(self, delivery: Sendable, record: DeliveryRecord) -> bool:
        """One POST of the delivery's bytes; redirects are not followed."""
        async with self._at_once:
            record.attempts += 1
            record.status = record.error = record.answered_ms = None
            started = time.perf_counter()
            try:
                async with asyncio.timeout(self._manners.total_timeout_s):
                    answer = await self._post(delivery)
                record.status = answer.status_code
                record.answered_ms = round((time.perf_counter() - started) * 1000, 3)
            except (httpx.HTTPError, TimeoutError) as error:
                record.error = type(error).__name__
        self._ledger.attempted(record)
        return record.status is not None and self._manners.delivered(record.status)

    async def _post(self, delivery: Sendable) -> httpx.Response:
        headers = delivery.headers_at(datetime.now(UTC))
        return await self._http.post(self._receiver + delivery.path, content=delivery.body, headers=headers)

    async def post(self, delivery: Sendable, *, times: int = 1) -> list[dict[str, Any]]:
        """The answer to each of `times` posts of the same bytes, one after the other, without retries."""
        answers: list[dict[str, Any]] = []
        for _ in range(times):
            try:
                answer = await self._post(delivery)
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
                await self._http.get(f"{self._receiver}/livez")
            except httpx.HTTPError:
                await asyncio.sleep(every_s)
            else:
                return

    async def close(self) -> None:
        """Drop what is under way."""
        for task in self._under_way:
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)
        if "_http" in self.__dict__:
            await self._http.aclose()
