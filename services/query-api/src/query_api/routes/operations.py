"""`/operations`: something is done to many tasks; how far that has come."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from query_api.auth import Reader, Role
from query_api.backend import ApiReader, Backend, BackendOf, Operator, client_address
from query_api.operations import store
from query_api.operations.exporting import is_own_export
from query_api.operations.planning import planned
from query_api.operations.port import Kind, Operation, Step
from query_api.operations.retry_facts import MOST_OUTCOMES, outcomes_of
from query_api.operations.store import NewOperation, Wanted
from query_api.problems import API_VERSION_1, Problem, documented, forbidden, invalid, not_found
from query_api.repository.audit import Deed, audit, only_shop
from query_api.repository.connections import snapshot
from query_api.routes.freshness import answered_as_of
from query_api.routes.operation_parameters import (
    OperationIn,
    OperationsParameters,
    asked_of,
    new_operation,
)
from query_api.schemas import operation_shaping as shaping
from query_api.schemas.operations import OperationAnswer, OperationsAnswer, StartedOperation

router = APIRouter(prefix="/operations", tags=["operations"])

Change = Callable[[Any, UUID], Awaitable[Operation | None]]
ACTING = documented(401, 403, 404, 409, 503)


@router.post(
    "",
    status_code=202,
    summary="Do something to many tasks",
    responses=documented(400, 401, 403, 503),
)
async def begin_operation(
    wanted: OperationIn, reader: Operator, backend: BackendOf, request: Request, response: Response
) -> StartedOperation:
    """Retries the failed tasks of a selection (or cancelled ones, where the filter says so), cancels those
    that wait, or deletes those that are over: of tasks that were named, or of everything that matches a
    filter at this moment, not a page of it. It runs in the background, beside live work and not before it. A
    dry run says how many tasks there are, which can be done safely, which may repeat an effect and why, and
    how long it takes. Needs the role operator; `delete` needs admin."""
    step = _step(backend, wanted.kind, reader)
    async with snapshot(backend.pool) as connection:
        asked = await asked_of(connection, wanted, step, reader)
        plan = await planned(connection, step, asked) if wanted.dry_run else None
        as_of = await answered_as_of(connection, response)
    operation = None
    if not wanted.dry_run:
        operation = await _begin(
            backend, new_operation(wanted, asked, reader), reader, client_address(request)
        )
        response.headers["Location"] = f"{API_VERSION_1}/operations/{operation.id}"
    return StartedOperation(
        as_of=as_of,
        dry_run=wanted.dry_run,
        plan=plan and shaping.plan(plan),
        operation=operation and shaping.operation(operation),
    )


@router.get("", summary="Operations", responses=documented(400, 401, 503))
async def list_operations(
    parameters: Annotated[OperationsParameters, Query()],
    reader: ApiReader,
    backend: BackendOf,
    response: Response,
) -> OperationsAnswer:
    """The newest first. An operation is seen by those who may see all the shops it may reach."""
    async with snapshot(backend.pool) as connection:
        rows = await store.newest_operations(
            connection,
            Wanted(reader.shop_ids, parameters.kind, parameters.state, parameters.before),
            limit=parameters.limit,
        )
        return OperationsAnswer(
            as_of=await answered_as_of(connection, response),
            operations=[shaping.operation(row) for row in rows],
            next=rows[-1].id if len(rows) == parameters.limit else None,
        )


@router.get("/{operation_id}", summary="One operation", responses=documented(401, 404, 503))
async def get_operation(
    operation_id: UUID, reader: ApiReader, backend: BackendOf, response: Response
) -> OperationAnswer:
    """How far it has come, what it left alone and why, and of a retry what became of the new tasks."""
    return await _answer(backend, reader, operation_id, response)


@router.post("/{operation_id}/pause", summary="Pause an operation", responses=ACTING)
async def pause(
    operation_id: UUID, reader: Operator, backend: BackendOf, request: Request, response: Response
) -> OperationAnswer:
    """It stops behind the tasks under way, within about a second. Needs the role operator."""
    await _change(backend, reader, operation_id, store.pause, _Deed("pause", request, "It is not under way"))
    return await _answer(backend, reader, operation_id, response)


@router.post("/{operation_id}/resume", summary="Resume an operation", responses=ACTING)
async def resume(
    operation_id: UUID, reader: Operator, backend: BackendOf, request: Request, response: Response
) -> OperationAnswer:
    """A paused operation goes on where it stood. Needs the role operator."""
    await _change(backend, reader, operation_id, store.resume, _Deed("resume", request, "It is not paused"))
    backend.operations.runner.wake()
    return await _answer(backend, reader, operation_id, response)


@router.post("/{operation_id}/abort", summary="Abort an operation", responses=ACTING)
async def abort(
    operation_id: UUID, reader: ApiReader, backend: BackendOf, request: Request, response: Response
) -> OperationAnswer:
    """It ends where it stands: what is done stays done. Needs the role operator; an export that one asked for
    oneself needs none."""
    deed = _Deed("abort", request, "It has ended already", is_for_askers=True)
    await _change(backend, reader, operation_id, store.abort, deed)
    return await _answer(backend, reader, operation_id, response)


class _Deed:
    """What somebody does to an operation, and why it may not go. `is_for_askers`: also whoever asked for an
    export may."""

    def __init__(self, name: str, request: Request, why_not: str, *, is_for_askers: bool = False) -> None:
        self.is_for_askers = is_for_askers
        self.action = f"operation.{name}"
        self.address = client_address(request)
        self.why_not = why_not


def _step(backend: Backend, kind: Kind, reader: Reader) -> Step:
    step = backend.operations.steps.get(kind)
    if step is None:
        known = ", ".join(backend.operations.steps)
        raise invalid("kind", f"{kind} is not one of those that begin here: {known}.")
    _require(reader, step.least)
    return step


def _require(reader: Reader, least: Role) -> None:
    if not reader.role.includes(least):
        raise forbidden(f"This needs the role {least}; this token's role is {reader.role}.")


async def _begin(backend: Backend, new: NewOperation, reader: Reader, address: str | None) -> Operation:
    async with backend.pool.acquire() as connection, connection.transaction():
        await store.insert_operation(connection, new)
        detail = {"filter": new.selection.get("filter"), "named": len(new.selection.get("ids", ()))}
        action, options = f"operation.{new.kind}", {**detail, **new.options}
        deed = Deed(action, only_shop(new.shop_ids), options, address=address, subject=str(new.id))
        await audit(connection, reader, deed)
        begun = await store.find_operation(connection, new.id)
    assert begun is not None
    backend.operations.runner.wake()
    return begun


async def _change(backend: Backend, reader: Reader, operation_id: UUID, change: Change, deed: _Deed) -> None:
    async with backend.pool.acquire() as connection, connection.transaction():
        found = await store.find_operation(connection, operation_id)
        if not (deed.is_for_askers and found and await is_own_export(connection, found, reader)):
            _require(reader, Role.OPERATOR)
        row = _visible(found, reader)
        if (step := backend.operations.steps.get(row.kind)) is not None:
            _require(reader, step.least)
        if await change(connection, operation_id) is None:
            now = await store.find_operation(connection, operation_id)
            raise Problem(409, "conflict", f"{deed.why_not}: it is {(now or row).state}.")
        shop_id, detail = only_shop(row.shop_ids), {"kind": row.kind}
        entry = Deed(deed.action, shop_id, detail, address=deed.address, subject=str(row.id))
        await audit(connection, reader, entry)


async def _answer(
    backend: Backend, reader: Reader, operation_id: UUID, response: Response
) -> OperationAnswer:
    async with snapshot(backend.pool) as connection:
        row = _visible(await store.find_operation(connection, operation_id), reader)
        outcomes = None
        if row.kind is Kind.RETRY:
            counted = await outcomes_of(connection, row.id)
            outcomes = shaping.outcomes(counted, most=MOST_OUTCOMES)
        return OperationAnswer(
            as_of=await answered_as_of(connection, response),
            operation=shaping.operation(row),
            outcomes=outcomes,
        )


def _visible(row: Operation | None, reader: Reader) -> Operation:
    if row is None or not reader.may_see_shops(row.shop_ids):
        raise not_found("There is no such operation that this token may see.")
    return row
