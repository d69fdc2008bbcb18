"""`DELETE /tasks/{id}`: a task that is over is gone for good."""

from uuid import UUID

from fastapi import APIRouter, Request, Response

from query_api.auth import Reader
from query_api.backend import Administrator, Backend, backend_of, client_address
from query_api.operations.deleting import ACTIVE
from query_api.problems import RETRY_AFTER_S, Problem, documented
from query_api.recorder.removing import remove_tasks
from query_api.recorder.writing import RebuildRunning
from query_api.repository.audit import Deed, audit
from query_api.repository.connections import snapshot
from query_api.repository.records import TaskRow
from query_api.repository.tasks import find_task
from query_api.routes.freshness import answered_as_of
from query_api.routes.tasks import visible
from query_api.schemas.operations import DeleteAnswer

router = APIRouter(prefix="/tasks", tags=["tasks"])


@router.delete("/{task_id}", summary="Delete a task for good", responses=documented(401, 403, 404, 409, 503))
async def delete_task(
    task_id: UUID, reader: Administrator, request: Request, response: Response
) -> DeleteAnswer:
    """Removes a task that is over, with its timeline and its data, and takes it out of all statistics. Nobody
    can bring it back, and no message that comes late does. Follow-ups and retries stay. Needs the role
    admin."""
    backend = backend_of(request)
    async with snapshot(backend.pool) as connection:
        task = visible(await find_task(connection, task_id), reader)
        as_of = await answered_as_of(connection, response)
    if not task.state.is_final or not await _removed(backend, task, reader, client_address(request)):
        raise Problem(409, "conflict", ACTIVE.message)
    return DeleteAnswer(as_of=as_of, task_id=task_id, message="It is deleted.")


async def _removed(backend: Backend, task: TaskRow, reader: Reader, address: str | None) -> bool:
    """Raises Problem while the log is being rebuilt."""
    detail = {"type": task.type, "state": task.state}
    try:
        async with backend.pool.acquire() as connection, connection.transaction():
            removed = await remove_tasks(connection, [task.task_id])
            if removed:
                deed = Deed("task.delete", task.shop_id, detail, address, str(task.task_id))
                await audit(connection, reader, deed)
    except RebuildRunning as error:
        raise Problem(
            503,
            "rebuilding",
            f"The log is being rebuilt. Nothing was deleted; try again in {RETRY_AFTER_S} seconds.",
            headers={"Retry-After": str(RETRY_AFTER_S)},
        ) from error
    return bool(removed)
