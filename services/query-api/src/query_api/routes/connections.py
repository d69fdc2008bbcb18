"""`/connections`: how the connections to other systems are, how they were, and a look right now."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from query_api.auth import Reader
from query_api.backend import ApiReader, Backend, BackendOf, Operator
from query_api.connection_health import (
    by_hour,
    categories,
    history,
    knowable_at,
    parts,
    wanted_since,
)
from query_api.history_span import Span, Step, Unshowable, span_of
from query_api.problems import documented, invalid, not_found
from query_api.repository.accounts import find_account
from query_api.repository.api_health import Connected, Observed, connected_accounts, observed, read_observed
from query_api.repository.connections import snapshot
from query_api.routes.accounts import chosen_shops, visible
from query_api.routes.checking import tried
from query_api.routes.freshness import answered_as_of
from query_api.routes.parameters import Moment, Name, RowNumber
from query_api.schemas import connection_shaping as shaping
from query_api.schemas.connections import (
    ConnectionOut,
    ConnectionsAnswer,
    HistoryAnswer,
    SeriesOut,
    UpdateAnswer,
)
from shared.connections.parts import CALLED_KINDS
from shared.envelope import utc_now
from shared.tasks import Api

router = APIRouter(prefix="/connections", tags=["connections"])


class ConnectionsParameters(BaseModel):
    model_config = ConfigDict(extra="forbid")

    shop: list[str] = Field(default=[], description="A shop's domain; may be repeated")
    kind: list[Name] = Field(default=[], description=f"One of {', '.join(CALLED_KINDS)}; may be repeated")


class HistoryParameters(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    category: list[Api] = Field(default=[], description="May be repeated; all of the account by default")
    start: Moment | None = Field(default=None, alias="from", description="An hour before the end by default")
    end: Moment | None = Field(default=None, alias="to", description="Now by default")
    step: Step | None = Field(
        default=None, description="Minutes for up to a day, hours for up to a week; by default as it fits"
    )


@router.get("", summary="Connections", responses=documented(400, 401, 503))
async def list_connections(
    parameters: Annotated[ConnectionsParameters, Query()],
    reader: ApiReader,
    backend: BackendOf,
    response: Response,
) -> ConnectionsAnswer:
    """Every account in use that is called, and how each part of its system is, with the reason in words."""
    async with snapshot(backend.pool) as connection:
        shop_ids = await chosen_shops(connection, parameters.shop, reader)
        kinds = parameters.kind or CALLED_KINDS
        accounts = await connected_accounts(connection, shop_ids=shop_ids, kinds=kinds)
        as_of = await answered_as_of(connection, response)
    return ConnectionsAnswer(as_of=as_of, connections=await _shown(backend, accounts, as_of))


@router.get(
    "/{account_id}/history", summary="A connection's history", responses=documented(400, 401, 404, 503)
)
async def get_history(
    account_id: RowNumber,
    parameters: Annotated[HistoryParameters, Query()],
    reader: ApiReader,
    backend: BackendOf,
    response: Response,
) -> HistoryAnswer:
    """Its colours and figures in the past, step by step without a gap, and where the colour changed."""
    async with snapshot(backend.pool) as connection:
        account = await called_account(connection, account_id, reader)
        as_of = await answered_as_of(connection, response)
        span = _span(parameters, as_of or utc_now())
        since = wanted_since([account], span.start)
        found = await read_observed(connection, [account.id], since, span.end)
    series = await series_of(account, found, span, parameters.category)
    return HistoryAnswer(
        as_of=as_of,
        account_id=str(account.id),
        step=span.step,
        start=span.start,
        end=span.end,
        series=series,
    )


@router.post(
    "/{account_id}/update", summary="Look at a connection now", responses=documented(401, 403, 404, 503)
)
async def update_connection(
    account_id: RowNumber, reader: Operator, backend: BackendOf, response: Response
) -> UpdateAnswer:
    """Asks each part of the account's system one harmless question, as a task, and waits up to 15 seconds for
    what comes of it. Needs the role operator or admin."""
    async with snapshot(backend.pool) as connection:
        await called_account(connection, account_id, reader)
        to_try = visible(await find_account(connection, backend.vault, account_id), reader)
    trial = await tried(backend, to_try, reader)
    async with snapshot(backend.pool) as connection:
        account = await called_account(connection, account_id, reader)
        as_of = await answered_as_of(connection, response)
    (shown,) = await _shown(backend, [account], as_of)
    return UpdateAnswer(as_of=as_of, connection=shown, **trial)


async def called_account(connection: Any, account_id: RowNumber, reader: Reader) -> Connected:
    """Raises 404 alike for accounts that are not there, not called, and those the reader may not see."""
    found = await connected_accounts(connection, kinds=CALLED_KINDS, account_id=account_id)
    if not found or not reader.may_see_shop(found[0].shop_id):
        raise not_found("There is no such account in use that is called and that this token may see.")
    return found[0]


async def _shown(
    backend: Backend, accounts: Sequence[Connected], as_of: datetime | None
) -> list[ConnectionOut]:
    """When the counts can not be read, the rest is shown all the same."""
    at = knowable_at(as_of, utc_now())
    found = None
    if at is not None:
        since = wanted_since(accounts, at)
        found = await observed(backend.pool, [account.id for account in accounts], since, at)
    return [shaping.connection(account, parts(account, found, at)) for account in accounts]


async def series_of(
    account: Connected, found: Observed, span: Span, wanted: Sequence[str] = ()
) -> list[SeriesOut]:
    """The past of its parts, of all unless some are wanted."""
    names = wanted or categories(account, found)
    return await asyncio.to_thread(lambda: [_series(account, name, found, span) for name in names])


def _series(account: Connected, category: str, found: Observed, span: Span) -> SeriesOut:
    points, changes = history(account, category, found, (span.start, span.end))
    return SeriesOut(
        category=category,
        points=[shaping.point(one) for one in (by_hour(points) if span.step == "hour" else points)],
        changes=[shaping.change(one) for one in changes],
    )


def _span(parameters: HistoryParameters, known_until: datetime) -> Span:
    try:
        return span_of(parameters.start, parameters.end, parameters.step, known_until=known_until)
    except Unshowable as error:
        raise invalid(error.field, error.text) from error
