"""`/accounts/{id}/test`: tries an account and waits a moment for how that went."""

import asyncio
import time
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Response

from query_api.auth import Reader
from query_api.backend import Backend, BackendOf, Operator
from query_api.problems import documented
from query_api.repository.accounts import Account, find_account
from query_api.repository.audit import Deed, audit
from query_api.repository.connections import snapshot
from query_api.repository.records import TaskRow
from query_api.repository.tasks import find_task
from query_api.routes.accounts import visible
from query_api.routes.freshness import answered_as_of
from query_api.routes.parameters import RowNumber
from query_api.schemas.accounts import CheckAnswer
from query_api.starting import SERVICE
from shared.connections.parts import lane_of_trials
from shared.envelope import Payload, State, utc_now
from shared.starting import Start, started
from shared.tasks import TaskType

router = APIRouter(prefix="/accounts", tags=["accounts"])

PATIENCE_S = 15.0
POLL_S = 0.25


@router.post("/{account_id}/test", summary="Test an account", responses=documented(401, 403, 404, 503))
async def check_account(
    account_id: RowNumber, reader: Operator, backend: BackendOf, response: Response
) -> CheckAnswer:
    """Asks the other system one harmless question with the account's address and credentials, as a task, and
    waits up to 15 seconds for the answer. Needs the role operator or admin."""
    async with snapshot(backend.pool) as connection:
        account = visible(await find_account(connection, backend.vault, account_id), reader)
    trial = await tried(backend, account, reader)
    async with snapshot(backend.pool) as connection:
        as_of = await answered_as_of(connection, response)
    return CheckAnswer(as_of=as_of, **trial)


async def tried(backend: Backend, account: Account, reader: Reader) -> dict[str, Any]:
    """Runs the trial as a task and tells how it went, or that it still goes on."""
    start = Start(
        type=TaskType.CHECK_ACCOUNT,
        shop_id=account.shop_id,
        actor=reader.name,
        payload=Payload(body=b"{}"),
        account_id=account.id,
        lane=lane_of_trials(account.kind),
    )
    transition = started(start, service=SERVICE, now=utc_now())
    await backend.starter.start(transition)
    detail = {"task": str(transition.task.id)}
    deed = Deed("account.test", account.shop_id, detail, subject=str(account.id))
    await audit(backend.pool, reader, deed)
    row = await _ended(backend, transition.task.id)
    return {"task_id": transition.task.id, **_shown(row)}


async def _ended(backend: Backend, task_id: UUID) -> TaskRow | None:
    """The task once it is over; None when that takes too long."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        async with snapshot(backend.pool) as connection:
            row = await find_task(connection, task_id)
        if row is not None and row.state.is_final:
            return row
        await asyncio.sleep(POLL_S)
    return None


def _shown(row: TaskRow | None) -> dict[str, str | None]:
    if row is None:
        return {"state": "pending", "message": None, "remedy": None}
    state = State.SUCCEEDED if row.state is State.SUCCEEDED else State.FAILED
    message = row.error_message or row.note
    return {"state": state.value, "message": message, "remedy": row.remedy}
