"""Long runs in slices: page by page for a minute, then a follow-up goes on, so that no message is held long.

A page's writes and the place it leads to are committed together: whoever comes after a crash begins with the
page that was not. The last slice's outcome tells what the whole run did.
"""

import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any, Protocol, TypeVar
from uuid import UUID

import orjson

from shared.envelope import Payload
from shared.errors import Rejected, TaskError
from shared.handling import FollowUp, Outcome, Run
from shared.verdicts import Retry, decide
from sync_worker.store import runs
from sync_worker.store.runs import Progress, Refusal

SLICE_S = 60.0
PAGES_OF_A_SLICE = 200
MOST_PAGES = 100_000

Page = TypeVar("Page")


class Job(Protocol[Page]):
    """What is done with each page."""

    async def fetch(self, progress: Progress) -> Page:
        """Asks the other system for the page at the run's cursor."""

    async def keep(self, connection: Any, progress: Progress, page: Page) -> Progress:
        """Writes the page, inside a transaction; returns where the run stands after it."""

    async def finish(self, connection: Any, progress: Progress) -> tuple[Progress, str | None]:
        """What is left when all pages are done, and a note for people."""


async def in_slices(run: Run, open_job: Callable[[Progress], Awaitable[Job[Any]]]) -> Outcome:
    """Takes the run further until it is through or the slice is used up.

    An error that ends the task breaks the run off, also one of `open_job`.
    """
    taken = await runs.take_up(run.pool, run.task, _wanted(run.payload))
    if isinstance(taken, Refusal):
        return Outcome(note=taken.note)
    try:
        return await _slice(run, await open_job(taken), taken)
    except TaskError as error:
        if not isinstance(decide(error, run.task, run.attempt, was_calling=True), Retry):
            await runs.end(run.pool, taken.run_id, problem=error.message)
        raise


async def _slice(run: Run, job: Job[Any], progress: Progress) -> Outcome:
    deadline, pages = time.monotonic() + SLICE_S, 0
    while not progress.is_through:
        if pages == PAGES_OF_A_SLICE or time.monotonic() > deadline:
            return _goes_on(run, progress)
        progress = await _page(run.pool, job, progress)
        pages += 1
    connection = await run.begin()
    progress, note = await job.finish(connection, progress)
    progress = await runs.keep(connection, progress)
    await runs.end(connection, progress.run_id)
    await runs.forget_old(connection, run.task)
    return Outcome(
        note=note,
        summary=progress.tally.shown(),
        items_processed=progress.processed,
        items_failed=progress.failed,
        items_total=progress.total if progress.total is not None else progress.processed,
    )


async def _page(pool: Any, job: Job[Any], progress: Progress) -> Progress:
    if progress.step >= MOST_PAGES:
        raise Rejected(f"There was no end after {MOST_PAGES} pages", kind="malformed_answer")
    page = await job.fetch(progress)
    async with pool.acquire() as connection, connection.transaction():
        return await runs.keep(connection, await job.keep(connection, progress, page))


def _goes_on(run: Run, progress: Progress) -> Outcome:
    task = run.task
    follow_up = FollowUp(
        task.type,
        Payload(body=orjson.dumps({"run": str(progress.run_id)})),
        account_id=task.account_id,
        retry_policy=task.retry_policy,
        lane=task.lane,
    )
    of_total = f" of {progress.total}" if progress.total is not None else ""
    note = f"Goes on in the next task: {progress.processed}{of_total} so far"
    return Outcome(note=note, summary=progress.tally.shown(), follow_ups=(follow_up,))


def _wanted(payload: Payload) -> UUID | None:
    """The run that the slice before has handed on."""
    content = orjson.loads(payload.body) if payload.body else {}
    return UUID(content["run"]) if "run" in content else None


def with_seen(progress: Progress, positions: list[int]) -> Progress:
    """Notes what the run met, one bit for each position."""
    seen = bytearray(progress.seen)
    if positions and (missing := max(positions) // 8 + 1 - len(seen)) > 0:
        seen.extend(bytes(missing))
    for position in positions:
        seen[position // 8] |= 1 << position % 8
    return replace(progress, seen=bytes(seen))
