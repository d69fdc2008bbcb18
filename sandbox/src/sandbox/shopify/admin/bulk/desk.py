"""The shop's bulk operations: begun, under way, finished, cancelled; and the webhook that says so."""

import asyncio
import secrets
import tempfile
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import orjson

from sandbox.shopify.admin.bulk.lines import Tally
from sandbox.shopify.admin.bulk.plan import InvalidBulkQuery, plan_query
from sandbox.shopify.admin.bulk.writer import Job, ShopSeen, write, write_elsewhere
from sandbox.shopify.admin.values import Problem
from sandbox.shopify.behaviour import BulkOutcome
from sandbox.shopify.customer_body import wire_time
from sandbox.shopify.delivery import Resource
from sandbox.shopify.examples import bulk_finished_body
from sandbox.shopify.telling import Happening

if TYPE_CHECKING:
    from sandbox.shopify.app import ShopifyShop

KEPT = 50
SMALL = 3_000
FIRST_WITH_FIVE = "2026-01"
_UNDER_WAY = frozenset({"CREATED", "RUNNING", "CANCELING"})


@dataclass
class BulkOperation:
    """`token` names the result's file in the storage; nobody can guess it."""

    id: int
    query: str
    grouped: bool
    base_url: str
    created_at: datetime
    token: str = field(default_factory=lambda: secrets.token_hex(16))
    status: str = "CREATED"
    error_code: str | None = None
    completed_at: datetime | None = None
    tally: Tally = field(default_factory=Tally)

    @property
    def under_way(self) -> bool:
        return self.status in _UNDER_WAY

    @property
    def address(self) -> str | None:
        """Where the file is; none while it is written, none when nothing was found."""
        if self.under_way or not self.tally.objects:
            return None
        return f"{self.base_url}/shopify-storage/{self.token}.jsonl"


@dataclass
class BulkDesk:
    shop: "ShopifyShop"
    operations: dict[int, BulkOperation] = field(default_factory=dict)
    _ids: "count[int]" = field(default_factory=lambda: count(147_595_010))
    _tasks: dict[int, asyncio.Task[None]] = field(default_factory=dict)
    _folder: "tempfile.TemporaryDirectory[str] | None" = None

    def run(self, query: str, *, grouped: bool, base_url: str, api_version: str) -> BulkOperation | Problem:
        """Begin an operation, or say why not."""
        try:
            plan_query(query)
        except InvalidBulkQuery as error:
            return Problem(str(error), ["query"], "INVALID")
        if problem := self._too_many(api_version):
            return problem
        operation = BulkOperation(next(self._ids), query, grouped, base_url, _now())
        self.operations[operation.id] = operation
        self._forget_oldest()
        task = asyncio.get_running_loop().create_task(self._carry_out(operation, api_version))
        self._tasks[operation.id] = task
        task.add_done_callback(lambda _: self._tasks.pop(operation.id, None))
        return operation

    def cancel(self, operation: BulkOperation) -> Problem | None:
        """Stop an operation that is under way; it says so itself a moment later."""
        if not operation.under_way:
            return Problem("A bulk operation cannot be canceled when it is completed", ["id"])
        operation.status = "CANCELING"
        if task := self._tasks.get(operation.id):
            task.cancel()
        return None

    def file_of(self, name: str) -> Path | None:
        """The result's file, by its name in the storage."""
        known = {f"{operation.token}.jsonl" for operation in self.operations.values()}
        return self._path(name) if name in known else None

    async def stop(self) -> None:
        for task in list(self._tasks.values()):
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)
        if self._folder is not None:
            self._folder.cleanup()

    def _too_many(self, api_version: str) -> Problem | None:
        under_way = [operation for operation in self.operations.values() if operation.under_way]
        if api_version < FIRST_WITH_FIVE and under_way:
            known = f"gid://shopify/BulkOperation/{under_way[0].id}"
            message = f"A bulk query operation for this app and shop is already in progress: {known}."
            return Problem(message, None, "OPERATION_IN_PROGRESS")
        if len(under_way) < self.shop.behaviour.bulk_concurrent:
            return None
        return Problem("Bulk operations limit reached. Please try again later.", None, "LIMIT_REACHED")

    async def _carry_out(self, operation: BulkOperation, api_version: str) -> None:
        pause = self.shop.behaviour.bulk_delay_s / 2
        try:
            await asyncio.sleep(pause)
            operation.status = "RUNNING"
            tally = await self._write(operation, api_version)
            await asyncio.sleep(pause)
        except asyncio.CancelledError:
            if operation.status != "CANCELING":
                raise
            self._finish(operation, "CANCELED")
        else:
            operation.tally = tally
            self._finish(operation, self.shop.behaviour.bulk_outcome.value)

    async def _write(self, operation: BulkOperation, api_version: str) -> Tally:
        seen = ShopSeen(self.shop.sender, self.shop.records.snapshot(), self.shop.behaviour.model_copy())
        job = Job(
            query=operation.query,
            shop=seen,
            file=self._path(f"{operation.token}.jsonl"),
            grouped=operation.grouped,
            api_version=api_version,
            seed=f"{self.shop.seed}:{operation.id}",
        )
        if self.shop.records.size() > SMALL:
            return await write_elsewhere(job)
        return await asyncio.to_thread(write, job)

    def _finish(self, operation: BulkOperation, status: str) -> None:
        operation.completed_at = _now()
        if status == BulkOutcome.FAILED:
            operation.error_code = self.shop.behaviour.bulk_error_code
            _halve(self._path(f"{operation.token}.jsonl"))
        operation.status = status
        if self.shop.behaviour.bulk_finish_webhook and status != BulkOutcome.EXPIRED:
            self.shop.postbox.post([_told(operation)])

    def _path(self, name: str) -> Path:
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="sandbox-bulk-")
        return Path(self._folder.name) / name

    def _forget_oldest(self) -> None:
        while len(self.operations) > KEPT:
            oldest = self.operations.pop(next(iter(self.operations)))
            self._path(f"{oldest.token}.jsonl").unlink(missing_ok=True)


def _halve(file: Path) -> None:
    """Keep the first lines up to the middle of the file: what a failed operation leaves."""
    with file.open("r+b") as content:
        content.seek(file.stat().st_size // 2)
        content.readline()
        content.truncate(content.tell())


def _told(operation: BulkOperation) -> Happening:
    assert operation.completed_at is not None
    body = bulk_finished_body(
        operation_id=operation.id,
        created=wire_time(operation.created_at),
        completed=wire_time(operation.completed_at),
        status=operation.status.lower(),
        error=operation.error_code.lower() if operation.error_code else None,
    )
    resource = Resource("bulk_operation", operation.id, operation.completed_at)
    return Happening("bulk_operations/finish", resource, orjson.dumps(body))


def _now() -> datetime:
    return datetime.now(UTC)
