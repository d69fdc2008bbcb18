"""`/stats`, `/missed-webhooks` and `/shops`."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from query_api.auth import Reader
from query_api.backend import ApiReader, Backend, BackendOf
from query_api.figures.buckets import first_kept
from query_api.problems import documented
from query_api.repository.connections import snapshot
from query_api.repository.counters import counted, failed_last_day, tally, tally_at
from query_api.repository.missed import missed_webhooks
from query_api.repository.records import Shop
from query_api.repository.shops import visible_shops
from query_api.routes.figure_parameters import common_zone
from query_api.routes.freshness import answered_as_of
from query_api.routes.parameters import AsOf, named_shops, past, zone_of
from query_api.schemas import shaping
from query_api.schemas.board import (
    MissedAnswer,
    MissedOut,
    NamedFigures,
    ShopOut,
    ShopsAnswer,
    StatsAnswer,
)
from query_api.statistics import Figures, Tally
from shared.envelope import utc_now

router = APIRouter(tags=["board"])


class ShopParameter(BaseModel):
    model_config = ConfigDict(extra="forbid")

    shop: list[str] = Field(default=[], description="A shop's domain; may be repeated")


class StatsParameters(ShopParameter):
    timezone: str | None = Field(
        default=None,
        description="Whose midnight `today` begins at; each shop's own by default",
        examples=["Europe/Stockholm"],
    )
    as_of: AsOf = None


class MissedParameters(ShopParameter):
    days: int = Field(default=30, ge=1, le=366, description="So many days back, today included")


@router.get("/stats", summary="Statistics", responses=documented(400, 401, 503))
async def get_stats(
    parameters: Annotated[StatsParameters, Query()], reader: ApiReader, backend: BackendOf, response: Response
) -> StatsAnswer:
    """Counters of today, of the last 24 hours, of this moment and of all there is: for all tasks, by group
    (contact sync, order sync, …) and by type. With `as_of` they are as they were, to the minute, and to the
    hour where counts by minute are not kept any more."""
    as_of = past(parameters.as_of, utc_now())
    zone = None if parameters.timezone is None else zone_of(parameters.timezone)
    async with snapshot(backend.pool) as connection:
        shops = await chosen_shops(connection, parameters.shop, reader)
        is_everything = reader.shop_ids is None and not parameters.shop
        all_of_them = counted(shops, is_everything=is_everything)
        figures = await tally_of(connection, all_of_them, backend, as_of=as_of, zone=zone)
        return StatsAnswer(
            as_of=await answered_as_of(connection, response, as_of),
            timezone=zone.key if zone else common_zone(shops),
            failed_badge=await _failed_badge(connection, reader),
            all_tasks=shaping.figures(figures.figures()),
            groups=[_named(group.value, found) for group, found in figures.by_group().items()],
            types=[_named(task_type.value, found) for task_type, found in figures.by_type().items()],
        )


@router.get("/missed-webhooks", summary="Missed webhooks", responses=documented(400, 401, 503))
async def get_missed_webhooks(
    parameters: Annotated[MissedParameters, Query()],
    reader: ApiReader,
    backend: BackendOf,
    response: Response,
) -> MissedAnswer:
    """What the shops' webhooks did not tell and polls found, by shop, day and kind."""
    async with snapshot(backend.pool) as connection:
        shops = await chosen_shops(connection, parameters.shop, reader)
        found = await missed_webhooks(connection, [shop.id for shop in shops], days=parameters.days)
        return MissedAnswer(
            as_of=await answered_as_of(connection, response),
            missed_webhooks=[MissedOut(shop=m.domain, kind=m.kind, day=m.day, count=m.n) for m in found],
        )


@router.get("/shops", summary="Shops", responses=documented(401, 503))
async def get_shops(reader: ApiReader, backend: BackendOf, response: Response) -> ShopsAnswer:
    """The shops this token may see."""
    async with snapshot(backend.pool) as connection:
        shops = await visible_shops(connection, reader.shop_ids)
        return ShopsAnswer(
            as_of=await answered_as_of(connection, response),
            shops=[ShopOut(**asdict(shop)) for shop in shops],
        )


async def tally_of(
    connection: Any,
    shops: Sequence[Shop],
    backend: Backend,
    *,
    as_of: datetime | None,
    zone: ZoneInfo | None = None,
) -> Tally:
    """Of now, or as it was. `zone` None: each shop's own."""
    now = utc_now()
    if as_of is None:
        return await tally(connection, shops, now=now, zone=zone)
    minutes_since = first_kept(now, backend.minute_days)
    return await tally_at(connection, shops, as_of, minutes_since=minutes_since, zone=zone)


async def _failed_badge(connection: Any, reader: Reader) -> int:
    shops = await visible_shops(connection, reader.shop_ids)
    everyone = counted(shops, is_everything=reader.shop_ids is None)
    return await failed_last_day(connection, [shop.id for shop in everyone], now=utc_now())


async def chosen_shops(connection: Any, domains: Sequence[str], reader: Reader) -> list[Shop]:
    """Those that were named, else all the reader sees. Raises Problem."""
    shops = await visible_shops(connection, reader.shop_ids)
    if not domains:
        return shops
    chosen = named_shops(domains, shops)
    return [shop for shop in shops if shop.id in chosen]


def _named(name: str, figures: Figures) -> NamedFigures:
    return NamedFigures(name=name, **shaping.figures(figures).model_dump())
