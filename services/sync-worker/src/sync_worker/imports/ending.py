"""How an import ends with one of its tasks, and what is tidied up then."""

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any
from uuid import UUID

import orjson

from shared.db.outages import INFRASTRUCTURE_ERRORS
from shared.errors import Obsolete
from shared.handling import Outcome, Run
from shared.verdicts import Fail, decide
from sync_worker.store import import_lines, imports
from sync_worker.store.imports import ImportState, Overtaken

REMOVED_AT_ONCE = 20_000
STOPPED = (
    "The import was stopped: what it had staged is removed, what it had stored stays. "
    "What the CRM was not told of it, the next import tells"
)

Handling = Callable[..., Awaitable[Outcome]]


def ends_import(handler: Handling) -> Handling:
    """An import whose task fails for good has failed with it; one that ended meanwhile is tidied up."""

    @wraps(handler)
    async def handle(*arguments: Any) -> Outcome:
        run: Run = arguments[-1]
        try:
            return await handler(*arguments)
        except Obsolete as error:
            return await _tidied(run, error)
        except Exception as error:
            await _note_failure(run, error)
            raise

    return handle


async def remove_lines(pool: Any, import_id: UUID) -> None:
    """Part by part, so that no transaction is long."""
    while await import_lines.remove_lines(pool, import_id, at_most=REMOVED_AT_ONCE):
        pass


def import_of(run: Run) -> UUID | None:
    """The import a task names."""
    try:
        return UUID(orjson.loads(run.payload.body)["import_id"])
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError, AttributeError):
        return None


async def _tidied(run: Run, reason: Obsolete) -> Outcome:
    """Nothing is left to do for the task. If that is no other task's doing, the import ends with it."""
    await run.end(commit=False)
    import_id = import_of(run)
    job = await imports.find(run.pool, import_id, run.task.shop_id) if import_id else None
    if job is not None and job.state is ImportState.STOPPED:
        await remove_lines(run.pool, job.id)
        return Outcome(note=STOPPED)
    if job is not None and not isinstance(reason, Overtaken):
        await imports.fail(run.pool, job.id, run.task, reason.message)
    return Outcome(note=reason.message)


async def _note_failure(run: Run, error: Exception) -> None:
    is_away = isinstance(error, INFRASTRUCTURE_ERRORS) and not isinstance(error, TimeoutError)
    step = decide(error, run.task, run.attempt, was_calling=bool(run.calls), infrastructure=is_away)
    import_id = import_of(run)
    if isinstance(step, Fail) and import_id is not None:
        await run.end(commit=False)
        await imports.fail(run.pool, import_id, run.task, step.failure.message)
