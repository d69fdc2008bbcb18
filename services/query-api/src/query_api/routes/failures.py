"""`/failures`: kinds of failure, and what people say of them."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from query_api.auth import Reader
from query_api.backend import ApiReader, BackendOf, Operator, backend_of, client_address
from query_api.failures.groups import Failure
from query_api.failures.paging import FailureQuery, Page, page_of
from query_api.places import InvalidCursor, decode, encode
from query_api.problems import Problem, documented, invalid, not_found
from query_api.repository import failures as store
from query_api.repository.audit import Deed, audit
from query_api.repository.connections import snapshot
from query_api.repository.flows import AccountBrief, accounts
from query_api.routes.failure_parameters import FailuresParameters, Fingerprint, ShopsParameter, query_of
from query_api.routes.figure_parameters import shops_of
from query_api.routes.freshness import answered_as_of
from query_api.schemas import failure_shaping as shaping
from query_api.schemas.failures import FailureAnswer, FailuresAnswer
from shared.envelope import utc_now

router = APIRouter(prefix="/failures", tags=["failures"])


@router.get("", summary="Kinds of failure", responses=documented(400, 401, 503))
async def list_failures(
    parameters: Annotated[FailuresParameters, Query()],
    reader: ApiReader,
    backend: BackendOf,
    response: Response,
) -> FailuresAnswer:
    """Tasks that failed in the same way as one: how often, since when, where, what to do about it, whether it
    is new or back, and whether it happens more or less often."""
    now = utc_now()
    async with snapshot(backend.pool) as connection:
        query = await query_of(connection, parameters, reader, now)
        found = await store.find_failures(connection, query)
        wanted = [one for one in found.failures if not query.states or one.state(now) in query.states]
        page = _page(wanted, query, parameters)
        hours = await store.hours_lately(connection, page.failures, now)
        names = await _accounts(connection, query.shop_ids, hours.values())
        as_of = await answered_as_of(connection, response)
    return FailuresAnswer(
        as_of=as_of,
        failures=[
            shaping.failure(
                one, hours.get(one.fingerprint, store.Hours()), names, now, n_hours=shaping.IN_LISTS
            )
            for one in page.failures
        ],
        searched_since=found.since,
        next=page.next and encode(page.next, query.mark),
        previous=page.previous and encode(page.previous, query.mark),
    )


@router.get("/{fingerprint}", summary="One kind of failure", responses=documented(400, 401, 404, 503))
async def get_failure(
    fingerprint: Fingerprint, reader: ApiReader, backend: BackendOf, response: Response
) -> FailureAnswer:
    """With what is known of it in each shop and of each account."""
    async with snapshot(backend.pool) as connection:
        return await _answer(connection, fingerprint, reader, response)


@router.post("/{fingerprint}/resolve", summary="It is mended", responses=documented(400, 401, 403, 404, 503))
async def resolve_failure(
    fingerprint: Fingerprint,
    parameters: Annotated[ShopsParameter, Query()],
    reader: Operator,
    request: Request,
    response: Response,
) -> FailureAnswer:
    """In these shops, else in all that this token sees. What fails so later is back, and is warned of anew.
    Needs the role operator."""
    async with backend_of(request).pool.acquire() as connection, connection.transaction():
        held = await _held(connection, fingerprint, parameters, reader)
        open_ones = [one for one in held if not one.is_resolved]
        shop_ids = [one.shop_id for one in open_ones]
        await store.resolve(connection, shop_ids, fingerprint, at=utc_now(), by=reader.name)
        deed = Deed("failure.resolve", None, {}, client_address(request), fingerprint)
        await _audit(connection, reader, deed, open_ones)
        return await _answer(connection, fingerprint, reader, response)


@router.post(
    "/{fingerprint}/reopen", summary="It is not mended", responses=documented(400, 401, 403, 404, 503)
)
async def reopen_failure(
    fingerprint: Fingerprint,
    parameters: Annotated[ShopsParameter, Query()],
    reader: Operator,
    request: Request,
    response: Response,
) -> FailureAnswer:
    """Takes back that it was resolved. Needs the role operator."""
    async with backend_of(request).pool.acquire() as connection, connection.transaction():
        held = await _held(connection, fingerprint, parameters, reader)
        said = [one for one in held if one.resolved_at is not None]
        await store.reopen(connection, [one.shop_id for one in said], fingerprint)
        deed = Deed("failure.reopen", None, {}, client_address(request), fingerprint)
        await _audit(connection, reader, deed, said)
        return await _answer(connection, fingerprint, reader, response)


def _page(failures: Sequence[Failure], query: FailureQuery, parameters: FailuresParameters) -> Page:
    """Raises Problem for a cursor that does not belong here."""
    try:
        place = decode(parameters.cursor, query.mark) if parameters.cursor else None
        return page_of(failures, query, place, limit=parameters.limit)
    except InvalidCursor as error:
        raise invalid("cursor", str(error)) from error


async def _answer(connection: Any, fingerprint: str, reader: Reader, response: Response) -> FailureAnswer:
    """Raises 404 alike for kinds that never happened and those that only happened to other shops."""
    shop_ids = await _shop_ids(connection, [], reader)
    found = await store.failures_of(connection, shop_ids, [fingerprint])
    if not found:
        raise _unknown()
    hours = await store.hours_ever(connection, found[0])
    names = await _accounts(connection, shop_ids, [hours])
    return FailureAnswer(
        as_of=await answered_as_of(connection, response),
        failure=shaping.detail(found[0], hours, names, utc_now()),
    )


async def _held(
    connection: Any, fingerprint: str, parameters: ShopsParameter, reader: Reader
) -> list[store.Held]:
    """Raises Problem."""
    shop_ids = await _shop_ids(connection, parameters.shop, reader)
    held = await store.hold(connection, shop_ids, fingerprint)
    if not held:
        raise _unknown()
    return held


async def _audit(connection: Any, reader: Reader, deed: Deed, held: Sequence[store.Held]) -> None:
    """For each shop by itself, so that each has it in its own log."""
    for one in held:
        await audit(connection, reader, replace(deed, shop_id=one.shop_id, detail={"type": one.type}))


async def _shop_ids(connection: Any, domains: Sequence[str], reader: Reader) -> list[int]:
    _, everyone = await shops_of(connection, domains, reader)
    return [shop.id for shop in everyone]


async def _accounts(
    connection: Any, shop_ids: Sequence[int], hours: Iterable[store.Hours]
) -> dict[int, AccountBrief]:
    """What to call the accounts touched."""
    ids = sorted({account_id for own in hours for account_id in own.accounts})
    return {one.id: one for one in await accounts(connection, shop_ids, ids=ids)}


def _unknown() -> Problem:
    return not_found("Nothing that this token may see ever failed in this way.")
