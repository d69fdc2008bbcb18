"""`/tasks/{id}/retry`: one task that failed, or was cancelled, is run again, as a new one."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, Response

from query_api.auth import Reader
from query_api.backend import Backend, Operator, backend_of, client_address
from query_api.operations.port import Verdict
from query_api.operations.retry_facts import retry_id_of
from query_api.operations.retry_verdict import RETRIED
from query_api.operations.retrying import Asker
from query_api.problems import Problem, documented
from query_api.repository.audit import Deed, audit
from query_api.repository.connections import snapshot
from query_api.repository.records import TaskRow
from query_api.repository.tasks import find_task
from query_api.routes.freshness import answered_as_of
from query_api.routes.tasks import visible
from query_api.schemas.operations import RetryAnswer, RetryIn
from query_api.starting import broker_unavailable
from shared.publishing import NotPublished

router = APIRouter(prefix="/tasks", tags=["tasks"])


@router.post(
    "/{task_id}/retry",
    status_code=202,
    summary="Retry a task",
    responses=documented(400, 401, 403, 404, 409, 503),
)
async def retry_task(
    task_id: UUID,
    wanted: RetryIn,
    reader: Operator,
    request: Request,
    response: Response,
) -> RetryAnswer:
    """Runs a task that failed or was cancelled again, with the same data, account and settings, as a new task
    that says whose retry it is; the old one stays as it is. A second click starts nothing. Needs the role
    operator."""
    backend = backend_of(request)
    async with snapshot(backend.pool) as connection:
        task = visible(await find_task(connection, task_id), reader)
        verdicts = await backend.operations.retrying.judge(connection, [task], None)
        before = await retry_id_of(connection, task_id)
        as_of = await answered_as_of(connection, response)
    verdict = verdicts.get(task_id)
    if verdict is not None and not (verdict.is_risk and wanted.may_repeat_effects):
        return _left(as_of, task_id, before, verdict)
    deed = Deed("task.retry", task.shop_id, wanted.model_dump(), client_address(request), str(task_id))
    retry_id, why_not = await _retry(backend, task, reader, deed)
    if why_not is not None:
        return _left(as_of, task_id, retry_id, why_not)
    assert retry_id is not None
    return RetryAnswer(
        as_of=as_of, retry_of=task_id, task_id=retry_id, started=True, message="It was started."
    )


async def _retry(
    backend: Backend, task: TaskRow, reader: Reader, deed: Deed
) -> tuple[UUID | None, Verdict | None]:
    try:
        async with backend.pool.acquire() as connection, connection.transaction():
            done, left = await backend.operations.retrying.retry(connection, [task], Asker(reader.name))
            if done:
                await audit(connection, reader, deed)
            retry_id = done.get(task.task_id) or await retry_id_of(connection, task.task_id)
    except NotPublished as error:
        raise broker_unavailable() from error
    return retry_id, left.get(task.task_id)


def _left(as_of: Any, task_id: UUID, before: UUID | None, verdict: Verdict) -> RetryAnswer:
    """Raises Problem, unless it was retried before: then all is as it was asked for."""
    if verdict is RETRIED and before is not None:
        return RetryAnswer(
            as_of=as_of, retry_of=task_id, task_id=before, started=False, message=verdict.message
        )
    how = " To retry it all the same, send `may_repeat_effects: true`." if verdict.is_risk else ""
    raise Problem(409, "conflict", f"{verdict.message}{how}")
