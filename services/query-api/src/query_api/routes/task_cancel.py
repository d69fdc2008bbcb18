"""`/tasks/{id}/cancel`: a task that waits for its turn does not get it."""

from uuid import UUID

from fastapi import APIRouter, Request, Response

from query_api.auth import Reader
from query_api.backend import Backend, Operator, backend_of, client_address
from query_api.operations.cancel_verdict import CANCELLED, verdict_of
from query_api.operations.cancelling import Canceller
from query_api.operations.port import Verdict
from query_api.problems import Problem, documented
from query_api.repository.audit import Deed, audit
from query_api.repository.connections import snapshot
from query_api.repository.records import TaskRow
from query_api.repository.tasks import find_task
from query_api.routes.freshness import answered_as_of
from query_api.routes.tasks import visible
from query_api.schemas.operations import CancelAnswer
from shared.envelope import Transition
from shared.publishing import NotPublished

router = APIRouter(prefix="/tasks", tags=["tasks"])

DONE = "It is cancelled."
TOLD_LATER = "It is cancelled. The message broker does not answer, so the log shows that a little later."


@router.post(
    "/{task_id}/cancel",
    summary="Cancel a queued task",
    responses=documented(401, 403, 404, 409, 503),
)
async def cancel_task(task_id: UUID, reader: Operator, request: Request, response: Response) -> CancelAnswer:
    """A task that is queued, or waits for its next attempt, is over for good and does nothing any more. One
    that is being worked on can not be cancelled. A second click changes nothing. Needs the role operator."""
    backend = backend_of(request)
    async with snapshot(backend.pool) as connection:
        task = visible(await find_task(connection, task_id), reader)
        as_of = await answered_as_of(connection, response)
    verdict = verdict_of(task.type, task.state)
    if verdict is CANCELLED:
        return CancelAnswer(as_of=as_of, task_id=task_id, cancelled=False, message=verdict.message)
    if verdict is not None:
        raise Problem(409, "conflict", verdict.message)
    message = await _cancel(backend, task, reader, client_address(request))
    return CancelAnswer(as_of=as_of, task_id=task_id, cancelled=True, message=message)


async def _cancel(backend: Backend, task: TaskRow, reader: Reader, address: str | None) -> str:
    """Raises Problem when a worker was faster."""
    canceller = Canceller(reader.name)
    async with backend.pool.acquire() as connection, connection.transaction():
        found = await backend.operations.cancelling.decide(connection, task, canceller)
        if isinstance(found, Verdict):
            raise Problem(409, "conflict", found.message)
        detail = {"type": task.type, "attempt": found.attempt}
        await audit(connection, reader, Deed("task.cancel", task.shop_id, detail, address, str(task.task_id)))
    return await _told(backend, found, canceller)


async def _told(backend: Backend, cancelled: Transition, canceller: Canceller) -> str:
    try:
        await backend.operations.cancelling.tell([cancelled], canceller)
    except NotPublished:
        return TOLD_LATER
    return DONE
