"""Tells the CRM what an import changed: a small batch at a time, and never into a backlog."""

from shared.envelope import Payload
from shared.handling import FollowUp, Outcome, Run
from shared.tasks import Lane, TaskType
from sync_worker.imports.kinds import SYNC_TYPES, ChangeKind
from sync_worker.imports.messages import ImportStep
from sync_worker.imports.pace import FULL_WAIT, PROBLEM_WAIT, room
from sync_worker.store import import_lines, imports
from sync_worker.store.accounts import crm_account_id
from sync_worker.store.import_lines import Change
from sync_worker.store.imports import Import

DONE = "The import is done"
NO_CRM = "The import is done. The CRM was told nothing: the shop has no active CRM account"
PROBLEM = "Waits: the CRM account has a problem, which its settings show"
FULL = "Waits until the CRM has taken what is on its way"
_TYPES = tuple(SYNC_TYPES.values())


async def hand_over(run: Run, job: Import) -> Outcome:
    """The next batch, or the end of the import. The same task comes after its batch, on the same lane."""
    account_id = await crm_account_id(run.pool, job.shop_id)
    if account_id is None:
        return await _finished(run, job, await _forget(run, job))
    if await import_lines.account_problem(run.pool, account_id) is not None:
        return _wait(job, account_id, PROBLEM, int(PROBLEM_WAIT.total_seconds() * 1000))
    free = room(await import_lines.unfinished(run.pool, job.shop_id, account_id, _TYPES))
    if free == 0:
        return _wait(job, account_id, FULL, int(FULL_WAIT.total_seconds() * 1000))
    connection = await run.begin()
    changes = await import_lines.take_changes(connection, job, at_most=free)
    if not changes:
        return await _finished(run, job, DONE)
    handed_over = job.summary.get("handed_over", 0) + len(changes)
    await imports.keep_summary(connection, job, {**job.summary, "handed_over": handed_over})
    follow_ups = [_follow_up(change, account_id) for change in changes]
    return Outcome(
        note=f"{len(changes)} more changes go to the CRM",
        items_processed=len(changes),
        follow_ups=(*follow_ups, _next(job, account_id)),
    )


async def _forget(run: Run, job: Import) -> str:
    """What the note says when there is no CRM (any more)."""
    has_changes = any(counts.get("to_sync") for counts in job.summary.values() if isinstance(counts, dict))
    await import_lines.remove_changes(await run.begin(), job.id)
    return NO_CRM if has_changes else DONE


async def _finished(run: Run, job: Import, note: str) -> Outcome:
    await imports.finish(await run.begin(), job)
    return Outcome(note=note, summary=dict(job.summary))


def _follow_up(change: Change, account_id: int) -> FollowUp:
    return FollowUp(
        SYNC_TYPES[ChangeKind(change.kind)],
        Payload(body=b"{}"),
        change.source_id,
        order_number=change.order_number,
        account_id=account_id,
        lane=Lane.SYNC_BULK,
    )


def _wait(job: Import, account_id: int, note: str, delay_ms: int) -> Outcome:
    return Outcome(note=note, follow_ups=(_next(job, account_id, delay_ms),))


def _next(job: Import, account_id: int, delay_ms: int = 0) -> FollowUp:
    """For the CRM account: while that is paused, nothing more is handed over."""
    payload = ImportStep(import_id=job.id).payload()
    return FollowUp(
        TaskType.TRIGGER_NEXT_BATCH, payload, str(job.id), account_id=account_id, delay_ms=delay_ms
    )
