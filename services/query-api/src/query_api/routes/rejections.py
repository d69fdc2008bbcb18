"""`/rejections`: deliveries that were not accepted, and why."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import Field

from query_api.auth import Reader
from query_api.backend import ApiReader, BackendOf
from query_api.problems import documented
from query_api.refusals import advice_on
from query_api.repository.connections import snapshot
from query_api.repository.rejections import (
    RejectionKind,
    kinds_of_rejections,
    newest_rejections,
)
from query_api.routes.board import ShopParameter, chosen_shops
from query_api.routes.freshness import answered_as_of
from query_api.schemas.rejections import (
    RejectionKindOut,
    RejectionKindsAnswer,
    RejectionOut,
    RejectionsAnswer,
)
from shared.envelope import utc_now

router = APIRouter(prefix="/rejections", tags=["board"])


class RejectionsParameters(ShopParameter):
    limit: int = Field(default=50, ge=1, le=500)


class KindsParameters(ShopParameter):
    days: int = Field(default=7, ge=1, le=30, description="So many days back from now")


@router.get("", summary="Refused deliveries", responses=documented(400, 401, 503))
async def get_rejections(
    parameters: Annotated[RejectionsParameters, Query()],
    reader: ApiReader,
    backend: BackendOf,
    response: Response,
) -> RejectionsAnswer:
    """Deliveries that were not accepted and why, minute by minute, the latest first: a wrong secret shows
    here. Those that name an unknown shop, or none, are seen by who sees all shops."""
    async with snapshot(backend.pool) as connection:
        domains = await _domains(connection, parameters.shop, reader)
        found = await newest_rejections(connection, domains, limit=parameters.limit)
        return RejectionsAnswer(
            as_of=await answered_as_of(connection, response),
            rejections=[RejectionOut(id=str(one.id), **_told(one.kind)) for one in found],
        )


@router.get("/kinds", summary="Refused deliveries by kind", responses=documented(400, 401, 503))
async def get_kinds(
    parameters: Annotated[KindsParameters, Query()],
    reader: ApiReader,
    backend: BackendOf,
    response: Response,
) -> RejectionKindsAnswer:
    """The same over days: how often which sender was refused for which shop and topic, since when, and what
    to do about it; the latest first."""
    since = utc_now() - timedelta(days=parameters.days)
    async with snapshot(backend.pool) as connection:
        domains = await _domains(connection, parameters.shop, reader)
        found = await kinds_of_rejections(connection, domains, since=since)
        return RejectionKindsAnswer(
            as_of=await answered_as_of(connection, response),
            kinds=[RejectionKindOut(**_told(kind)) for kind in found.kinds],
            is_cut=found.is_cut,
        )


async def _domains(connection: Any, named: Sequence[str], reader: Reader) -> list[str] | None:
    """None: all there are, also of shops nobody knows."""
    if not named and reader.shop_ids is None:
        return None
    return [shop.domain for shop in await chosen_shops(connection, named, reader)]


def _told(kind: RejectionKind) -> dict[str, Any]:
    values = asdict(kind)
    told = {"shop": values.pop("shop_domain"), "count": values.pop("n")}
    return values | told | advice_on(kind.reason)._asdict()
