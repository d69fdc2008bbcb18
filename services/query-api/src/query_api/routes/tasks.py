"""`/tasks`: the list, one task, its transitions."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Response

from query_api.auth import Reader
from query_api.backend import ApiReader, BackendOf
from query_api.cursors import Cursor, InvalidCursor, decode, encode
from query_api.problems import documented, invalid, not_found
from query_api.repository.connections import snapshot
from query_api.repository.history import events_of
from query_api.repository.pages import list_page
from query_api.repository.records import TaskRow
from query_api.repository.shops import account_name, visible_shops
from query_api.repository.tasks import find_task, related_to
from query_api.routes.freshness import answered_as_of
from query_api.routes.parameters import AsOfParameter, TaskListParameters, named_shops, past, task_query
from query_api.schemas import shaping
from query_api.schemas.tasks import TaskAnswer, TaskEventsAnswer, TaskListAnswer
from query_api.task_query import TaskQuery
from shared.envelope import utc_now

router = APIRouter(prefix="/tasks", tags=["tasks"])


@router.get("", summary="List tasks", responses=documented(400, 401, 503))
async def list_tasks(
    parameters: Annotated[TaskListParameters, Query()],
    reader: ApiReader,
    backend: BackendOf,
    response: Response,
) -> TaskListAnswer:
    """A page of tasks. Walking `next` shows every task that was there at the start exactly once, whatever is
    added meanwhile; with `as_of` the walk shows the board as it was at that moment. A page of the past may
    hold fewer tasks than asked for although `next` leads on."""
    async with snapshot(backend.pool) as connection:
        query = await _query(connection, parameters, reader)
        cursor = _cursor(parameters.cursor, query)
        page = await list_page(connection, query, cursor, limit=parameters.limit)
        domains = await _domains(connection, page.tasks)
        return TaskListAnswer(
            as_of=await answered_as_of(connection, response, query.as_of),
            tasks=[shaping.brief(row, domains) for row in page.tasks],
            next=page.next and encode(page.next, query.fingerprint),
            previous=page.previous and encode(page.previous, query.fingerprint),
        )


@router.get("/{task_id}", summary="One task", responses=documented(400, 401, 404, 503))
async def get_task(
    task_id: UUID,
    parameters: Annotated[AsOfParameter, Query()],
    reader: ApiReader,
    backend: BackendOf,
    response: Response,
) -> TaskAnswer:
    """All properties of a task: its error with the remedy, what caused it and what it caused."""
    as_of = past(parameters.as_of, utc_now())
    async with snapshot(backend.pool) as connection:
        row = visible(await find_task(connection, task_id, as_of=as_of), reader)
        related = await related_to(connection, row, as_of=as_of)
        return TaskAnswer(
            as_of=await answered_as_of(connection, response, as_of),
            task=shaping.task(
                row,
                related,
                domains=await _domains(connection, [row]),
                account=await account_name(connection, row.account_id),
            ),
        )


@router.get("/{task_id}/events", summary="A task's transitions", responses=documented(400, 401, 404, 503))
async def get_events(
    task_id: UUID,
    parameters: Annotated[AsOfParameter, Query()],
    reader: ApiReader,
    backend: BackendOf,
    response: Response,
) -> TaskEventsAnswer:
    """Every change of state the task went through, with what each one added."""
    as_of = past(parameters.as_of, utc_now())
    async with snapshot(backend.pool) as connection:
        visible(await find_task(connection, task_id, as_of=as_of), reader)
        events = await events_of(connection, task_id, as_of=as_of)
        return TaskEventsAnswer(
            as_of=await answered_as_of(connection, response, as_of),
            task_id=task_id,
            events=[shaping.event(row) for row in events],
        )


def visible(row: TaskRow | None, reader: Reader) -> TaskRow:
    """Raises 404 alike for tasks that do not exist and for those of shops the reader may not see."""
    if row is None or not reader.may_see_shop(row.shop_id):
        raise not_found(
            "There is no such task that this token may see, or there was none at the moment asked for."
        )
    return row


async def _query(connection: Any, parameters: TaskListParameters, reader: Reader) -> TaskQuery:
    asked = None
    if parameters.shop:
        asked = named_shops(parameters.shop, await visible_shops(connection, reader.shop_ids))
    return task_query(parameters, reader.narrowed(asked), utc_now())


def _cursor(text: str | None, query: TaskQuery) -> Cursor | None:
    try:
        return decode(text, query.fingerprint) if text is not None else None
    except InvalidCursor as error:
        raise invalid("cursor", str(error)) from error


async def _domains(connection: Any, rows: list[TaskRow]) -> dict[int, str]:
    shops = await visible_shops(connection, list({row.shop_id for row in rows}))
    return {shop.id: shop.domain for shop in shops}
