"""`/alerts/…`: what would fire now, what the shop said, and what its orders suggest."""

import asyncio
from datetime import datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from query_api.auth import Reader
from query_api.backend import ApiReader, Backend, BackendOf
from query_api.problems import documented, invalid
from query_api.repository import alert_evidence as store
from query_api.repository.connections import one_moment, snapshot
from query_api.repository.records import Shop
from query_api.repository.shops import visible_shops
from query_api.routes.freshness import answered_as_of
from query_api.routes.parameters import named_shops
from query_api.schemas import evidence_shaping as shaping
from query_api.schemas.alert_evidence import (
    ProofsAnswer,
    SuggestionAnswer,
    TrialIn,
    WouldFireAnswer,
)
from query_api.schemas.alert_fields import for_reader
from shared.alerts.order_history import read_order_history
from shared.alerts.settings import AlertSettings
from shared.alerts.suggestion import suggest
from shared.envelope import utc_now

router = APIRouter(prefix="/alerts", tags=["alerts"])


class ShopParameter(BaseModel):
    model_config = ConfigDict(extra="forbid")

    shop: str = Field(description="The shop's domain", examples=["demo-outdoor.myshopify.com"])


class WouldFireParameters(BaseModel):
    model_config = ConfigDict(extra="forbid")

    shop: str | None = Field(
        default=None, description="The shop's domain. Left out: the platform, for tokens that see all shops"
    )


class ProofsParameters(ShopParameter):
    before: int | None = Field(default=None, ge=1, lt=2**63, description="`next` of an answer")
    limit: int = Field(default=50, ge=1, le=500)


@router.get("/would-fire", summary="What would fire now", responses=documented(400, 401, 503))
async def would_fire(
    parameters: Annotated[WouldFireParameters, Query()],
    reader: ApiReader,
    backend: BackendOf,
    response: Response,
) -> WouldFireAnswer:
    """Evaluates all rules of a shop, or those of the platform, and says of each subject how it stands, with
    the figures behind it. Nothing is changed and nobody is told."""
    if parameters.shop is not None:
        return await _dry_run(backend, reader, parameters.shop, response)
    if reader.shop_ids is not None:
        raise invalid("shop", "Name a shop: this token sees only some, and nothing of the platform.")
    async with one_moment(backend.pool) as connection:
        outlook = await platform_outlook(connection)
        return outlook.model_copy(update={"as_of": await answered_as_of(connection, response)})


@router.post(
    "/would-fire", summary="What would fire with other settings", responses=documented(400, 401, 503)
)
async def would_fire_with(
    parameters: Annotated[ShopParameter, Query()],
    trial: TrialIn,
    reader: ApiReader,
    backend: BackendOf,
    response: Response,
) -> WouldFireAnswer:
    """The same with settings to try: see what they would do before they are put."""
    return await _dry_run(backend, reader, parameters.shop, response, trial.settings)


@router.get("/proofs", summary="What the shop said about silences", responses=documented(400, 401, 503))
async def list_proofs(
    parameters: Annotated[ProofsParameters, Query()],
    reader: ApiReader,
    backend: BackendOf,
    response: Response,
) -> ProofsAnswer:
    """Before a silence of orders raises an alert, the shop is asked whether it had any: its answers, the
    newest first, with the tasks they caused."""
    async with snapshot(backend.pool) as connection:
        shop = await named_shop(connection, parameters.shop, reader)
        found = await store.proofs(connection, shop.id, before=parameters.before, limit=parameters.limit + 1)
        as_of = await answered_as_of(connection, response)
    shown, more = found[: parameters.limit], len(found) > parameters.limit
    return ProofsAnswer(
        as_of=as_of,
        proofs=[shaping.proof(one) for one in shown],
        next=str(shown[-1].id) if more else None,
    )


@router.get("/suggestion", summary="A silence period that fits", responses=documented(400, 401, 503))
async def get_suggestion(
    parameters: Annotated[ShopParameter, Query()],
    reader: ApiReader,
    backend: BackendOf,
    response: Response,
) -> SuggestionAnswer:
    """Learned from the gaps between the shop's orders in the last eight weeks, by hour of the week: how long
    a silence is unusual, and at which hours silence says nothing; with the evidence."""
    async with one_moment(backend.pool) as connection:
        shop = await named_shop(connection, parameters.shop, reader)
        history = await read_order_history(connection, shop.id, ZoneInfo(shop.timezone), utc_now())
        settings = await store.effective_settings(connection, shop.id)
        as_of = await answered_as_of(connection, response)
    found = await asyncio.to_thread(suggest, history)
    shown = settings and for_reader(settings, reader)
    return shaping.suggestion(found, shop, shown, as_of=as_of)


async def named_shop(connection: Any, domain: str, reader: Reader) -> Shop:
    """Raises Problem for one that is not among those the reader may see."""
    shops = await visible_shops(connection, reader.shop_ids)
    (shop_id,) = named_shops([domain], shops)
    return next(shop for shop in shops if shop.id == shop_id)


async def _dry_run(
    backend: Backend,
    reader: Reader,
    domain: str,
    response: Response,
    tried: AlertSettings | None = None,
) -> WouldFireAnswer:
    async with one_moment(backend.pool) as connection:
        shop = await named_shop(connection, domain, reader)
        outlook = await shop_outlook(connection, shop, reader, tried)
        return outlook.model_copy(update={"as_of": await answered_as_of(connection, response)})


async def shop_outlook(
    connection: Any, shop: Shop, reader: Reader, tried: AlertSettings | None = None
) -> WouldFireAnswer:
    """With the settings that hold, or with those to try. Wants a connection that looks at one moment."""
    now = utc_now()
    stored = await store.effective_settings(connection, shop.id)
    settings = None if stored is None else tried or stored
    verdicts = settings and await store.shop_verdicts(connection, shop.id, settings, now)
    standing = await _standing(connection, shop, now)
    shown = settings and for_reader(settings, reader)
    return shaping.would_fire(verdicts or [], standing, as_of=None, settings=shown)


async def platform_outlook(connection: Any) -> WouldFireAnswer:
    """Wants a connection that looks at one moment."""
    now = utc_now()
    verdicts = await store.platform_verdicts(connection, now)
    return shaping.would_fire(verdicts, await _standing(connection, None, now), as_of=None)


async def _standing(connection: Any, shop: Shop | None, now: datetime) -> shaping.Standing:
    shop_id = shop.id if shop else None
    return shaping.Standing(
        domain=shop.domain if shop else None,
        now=now,
        alerts=await store.open_alerts(connection, shop_id),
        muted_until=await store.muted_until(connection, shop_id),
    )
