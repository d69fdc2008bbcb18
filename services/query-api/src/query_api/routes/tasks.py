"""`/tasks`: the list, one task, its transitions."""

from collections.abc import Iterable
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Response

from query_api.auth import Reader
from query_api.backend import ApiReader, BackendOf
from query_api.places import InvalidCursor, decode, encode
from query_api.problems import documented, invalid, not_found
from query_api.repository.connections import snapshot
from query_api.repository.counting import count_tasks
from query_api.repository.history import events_of
from query_api.repository.pages import Page, list_page
from query_api.repository.records import TaskRow
from query_api.repository.shops import account_is_visible, names_for, visible_shops
from query_api.repository.tasks import find_task, related_to
from query_api.routes.freshness import answered_as_of
from query_api.routes.parameters import (
    AsOfParameter,
    TaskFilters,
    TaskListParameters,
    filter_query,
    named_shops,
    past,
    task_query,
)
from query_api.schemas import shaping
from query_api.schemas.tasks import TaskAnswer, TaskCountAnswer, TaskEventsAnswer, TaskListAnswer
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
        query = task_query(parameters, await chosen(connection, parameters, reader), utc_now())
        page = await page_of(connection, query, parameters.cursor, limit=parameters.limit)
        names = await names_for(connection, page.tasks)
        return TaskListAnswer(
            as_of=await answered_as_of(connection, response, query.as_of),
            tasks=[shaping.brief(row, names) for row in page.tasks],
            next=page.next and encode(page.next, query.mark),
            previous=page.previous and encode(page.previous, query.mark),
            is_short=page.is_short,
        )


@router.get("/count", summary="Count tasks", responses=documented(400, 401, 503))
async def get_count(
    parameters: Annotated[TaskFilters, Query()], reader: ApiReader, backend: BackendOf, response: Response
) -> TaskCountAnswer:
    """How many tasks match. Exact from counters where only shops, types, groups, states and accounts are
    asked for, and where few match; else there are at least so many."""
    async with snapshot(backend.pool) as connection:
        query = filter_query(parameters, await chosen(connection, parameters, reader), utc_now())
        count = await count_tasks(connection, query)
        return TaskCountAnswer(
            as_of=await answered_as_of(connection, response, query.as_of),
            count=count.n,
            is_exact=count.is_exact,
            words=f"{count.n:,}" if count.is_exact else f"more than {count.n:,}",
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
        names = await names_for(connection, [row, *related.tasks])
        return TaskAnswer(
            as_of=await answered_as_of(connection, response, as_of),
            task=shaping.task(row, related, names, with_data=reader.may_see_payloads),
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
            events=[shaping.event(row, with_data=reader.may_see_payloads) for row in events],
        )


def visible(row: TaskRow | None, reader: Reader) -> TaskRow:
    """Raises 404 alike for tasks that do not exist and for those of shops the reader may not see."""
    if row is None or not reader.may_see_shop(row.shop_id):
        raise not_found(
            "There is no such task that this token may see, or there was none at the moment asked for."
        )
    return row


async def chosen(connection: Any, parameters: TaskFilters, reader: Reader) -> tuple[int, ...] | None:
    """The shops to look at: those that were named and may be seen. Raises Problem."""
    asked = None
    if parameters.shop:
        asked = named_shops(parameters.shop, await visible_shops(connection, reader.shop_ids))
    shop_ids = reader.narrowed(asked)
    await check_accounts(connection, parameters.account, reader)
    return shop_ids


async def check_accounts(connection: Any, account_ids: Iterable[int], reader: Reader) -> None:
    """Raises Problem for one the reader may not see."""
    for account_id in account_ids:
        if not await account_is_visible(connection, account_id, reader.shop_ids):
            raise invalid(
                "account",
                f"{account_id} is no account this token may see; GET /api/v1/accounts lists those.",
            )


async def page_of(connection: Any, query: TaskQuery, cursor: str | None, *, limit: int) -> Page:
    """Raises Problem for a cursor that does not belong here."""
    try:
        place = decode(cursor, query.mark) if cursor else None
        return await list_page(connection, query, place, limit=limit)
    except InvalidCursor as error:
        raise invalid("cursor", str(error)) from error
