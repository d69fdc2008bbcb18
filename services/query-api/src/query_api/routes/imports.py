"""`/imports`: a shop's customers and orders are imported; how far that has come."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID, uuid4

import orjson
from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from query_api.auth import Reader
from query_api.backend import ApiReader, Backend, BackendOf, Operator
from query_api.problems import API_VERSION_1, Problem, documented, not_found
from query_api.repository.audit import Deed, audit
from query_api.repository.connections import snapshot
from query_api.repository.imports import (
    ImportRow,
    NewImport,
    failed_lines,
    find_import,
    import_under_way,
    insert_import,
    newest_imports,
    stop_import,
    why_not,
)
from query_api.repository.shops import visible_shops
from query_api.routes.freshness import answered_as_of
from query_api.routes.parameters import named_shops
from query_api.schemas.import_shaping import shown
from query_api.schemas.imports import (
    FailedLineOut,
    FailedLinesAnswer,
    ImportAnswer,
    ImportIn,
    ImportsAnswer,
    Kind,
)
from query_api.starting import SERVICE
from shared.envelope import Payload, Transition, utc_now
from shared.starting import Start, started
from shared.tasks import TaskType

router = APIRouter(prefix="/imports", tags=["imports"])

ORDER = ("customers", "orders")


class ImportsParameters(BaseModel):
    model_config = ConfigDict(extra="forbid")

    shop: list[str] = Field(default=[], description="A shop's domain; may be repeated")
    limit: int = Field(default=50, ge=1, le=500)


class FailuresParameters(BaseModel):
    model_config = ConfigDict(extra="forbid")

    kind: Kind | None = Field(default=None, description="By default the kind under way, or the last one")
    after: int = Field(default=0, ge=0, description="`next` of an answer")
    limit: int = Field(default=100, ge=1, le=1_000)


@router.post(
    "", status_code=202, summary="Begin an import", responses=documented(400, 401, 403, 404, 409, 503)
)
async def begin_import(
    wanted: ImportIn, reader: Operator, backend: BackendOf, response: Response
) -> ImportAnswer:
    """Asks the shop for an export of its customers and orders, stores what is newer than what is known, and
    tells the CRM. One import of a shop at a time. Needs the role operator or admin."""
    import_id = await begun(backend, reader, wanted)
    response.headers["Location"] = f"{API_VERSION_1}/imports/{import_id}"
    return await _answer(backend, reader, import_id, response)


@router.get("", summary="Imports", responses=documented(400, 401, 503))
async def list_imports(
    parameters: Annotated[ImportsParameters, Query()],
    reader: ApiReader,
    backend: BackendOf,
    response: Response,
) -> ImportsAnswer:
    """The newest imports first, with figures of this moment."""
    async with snapshot(backend.pool) as connection:
        shops = await visible_shops(connection, reader.shop_ids)
        domains = {shop.id: shop.domain for shop in shops}
        shop_ids = named_shops(parameters.shop, shops) if parameters.shop else list(domains)
        rows = await newest_imports(connection, shop_ids, limit=parameters.limit)
        return ImportsAnswer(
            as_of=await answered_as_of(connection, response),
            imports=[shown(row, domains[row.shop_id], utc_now()) for row in rows],
        )


@router.get("/{import_id}", summary="One import", responses=documented(401, 404, 503))
async def get_import(
    import_id: UUID, reader: ApiReader, backend: BackendOf, response: Response
) -> ImportAnswer:
    """How far it has come, how fast it goes and how long its step will still take."""
    return await _answer(backend, reader, import_id, response)


@router.post("/{import_id}/stop", summary="Stop an import", responses=documented(401, 403, 404, 409, 503))
async def stop(import_id: UUID, reader: Operator, backend: BackendOf, response: Response) -> ImportAnswer:
    """What is stored stays, and what is staged is removed by the import's next task. What the CRM has not
    been told yet is told by the shop's next import. Needs the role operator or admin."""
    await stopped(backend, reader, import_id)
    return await _answer(backend, reader, import_id, response)


@router.get(
    "/{import_id}/failures", summary="What could not be used", responses=documented(400, 401, 404, 503)
)
async def list_failures(
    import_id: UUID,
    parameters: Annotated[FailuresParameters, Query()],
    reader: ApiReader,
    backend: BackendOf,
    response: Response,
) -> FailedLinesAnswer:
    """The lines of the export that could not be used, each with its number and the reason."""
    async with snapshot(backend.pool) as connection:
        row = visible(await find_import(connection, import_id), reader)
        found = await failed_lines(
            connection,
            import_id,
            parameters.kind or row.kind,
            after=parameters.after,
            limit=parameters.limit,
        )
        return FailedLinesAnswer(
            as_of=await answered_as_of(connection, response),
            failures=[
                FailedLineOut(line=one.line, object_id=one.object_id, reason=one.reason) for one in found
            ],
            next=found[-1].line if len(found) == parameters.limit else None,
        )


async def begun(backend: Backend, reader: Reader, wanted: ImportIn) -> UUID:
    """Raises Problem: for one while another is under way, its header Location names that."""
    async with snapshot(backend.pool) as connection:
        shops = await visible_shops(connection, reader.shop_ids)
        (shop_id,) = named_shops([wanted.shop], shops)
        if (reason := await why_not(connection, shop_id)) is not None:
            raise Problem(409, "conflict", reason)
    return await _begin(backend, reader, shop_id, [kind for kind in ORDER if kind in wanted.kinds])


async def stopped(backend: Backend, reader: Reader, import_id: UUID) -> None:
    """Raises Problem when it has ended already."""
    async with backend.pool.acquire() as connection, connection.transaction():
        row = visible(await find_import(connection, import_id), reader)
        if await stop_import(connection, import_id) is None:
            raise Problem(409, "conflict", f"This import has ended already: it is {row.state}.")
        await audit(connection, reader, Deed("import.stop", row.shop_id, {}, subject=str(import_id)))


async def _begin(backend: Backend, reader: Reader, shop_id: int, kinds: Sequence[str]) -> UUID:
    """The row is committed once the broker has the task, so that there is never one without the other."""
    import_id = uuid4()
    transition = _task(import_id, shop_id, kinds, reader)
    new = NewImport(import_id, shop_id, kinds, reader.name, transition.task.id)
    async with backend.pool.acquire() as connection, connection.transaction():
        if not await insert_import(connection, new):
            raise _under_way(await import_under_way(connection, shop_id))
        deed = Deed("import.begin", shop_id, {"kinds": list(kinds)}, subject=str(import_id))
        await audit(connection, reader, deed)
        await backend.starter.start(transition)
    return import_id


def _task(import_id: UUID, shop_id: int, kinds: Sequence[str], reader: Reader) -> Transition:
    asked = {"import_id": str(import_id), "kinds": list(kinds), "requested_by": reader.name}
    start = Start(
        type=TaskType.HANDLE_BULK_IMPORT_CREATE_REQUEST,
        shop_id=shop_id,
        actor=reader.name,
        payload=Payload(body=orjson.dumps(asked)),
        source_id=str(import_id),
    )
    return started(start, service=SERVICE, now=utc_now())


def _under_way(row: ImportRow | None) -> Problem:
    if row is None:
        return Problem(409, "conflict", "Another import of this shop has just ended: ask again.")
    place = f"{API_VERSION_1}/imports/{row.id}"
    detail = (
        f"Import {row.id} of this shop is under way ({row.state}) since "
        f"{row.requested_at.isoformat(timespec='seconds')}. Wait for its end, or stop it: POST {place}/stop."
    )
    return Problem(409, "conflict", detail, headers={"Location": place})


async def _answer(backend: Backend, reader: Reader, import_id: UUID, response: Response) -> ImportAnswer:
    async with snapshot(backend.pool) as connection:
        row = visible(await find_import(connection, import_id), reader)
        (shop,) = await visible_shops(connection, [row.shop_id])
        as_of = await answered_as_of(connection, response)
    return ImportAnswer(as_of=as_of, import_=shown(row, shop.domain, utc_now()))


def visible(row: ImportRow | None, reader: Reader) -> ImportRow:
    """Raises 404 alike for imports that do not exist and for those the reader may not see."""
    if row is None or not reader.may_see_shop(row.shop_id):
        raise not_found("There is no such import that this token may see.")
    return row
