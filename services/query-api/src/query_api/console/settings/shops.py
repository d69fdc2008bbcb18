"""`/settings`, `/settings/shops/…`: shops, where their webhooks go, and what these are signed with."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from query_api.auth import Reader
from query_api.backend import administrator
from query_api.console.entered import checked, faults_of
from query_api.console.frame import Frame, FrameOf
from query_api.console.notices import done, refused
from query_api.console.settings.addresses import addresses_of
from query_api.console.settings.tabs import show_tab
from query_api.console.settings.zones import zones
from query_api.problems import Problem, forbidden
from query_api.repository.connections import snapshot
from query_api.repository.shop_settings import kept_shops
from query_api.routes.alert_evidence import ShopParameter
from query_api.routes.retention import get_retention
from query_api.routes.shops import add_shop, get_shop, update_shop
from query_api.schemas.shops import ShopChange, ShopIn

router = APIRouter()
_SECRETS = ("webhook_secret",)


@router.get("/settings")
async def show_shops(frame: FrameOf) -> Response:
    async with snapshot(frame.backend.pool) as connection:
        shops = await kept_shops(connection, frame.reader.shop_ids)
    values = {"shops": shops, "platform_days": frame.backend.payload_days}
    return await show_tab(frame, "shops", values)


@router.get("/settings/shops/new")
async def show_new(frame: FrameOf) -> Response:
    _require_all_shops(await administrator(frame.reader))
    return await _show_form(frame, {"timezone": str(frame.zone)})


@router.post("/settings/shops")
async def create(frame: FrameOf) -> Response:
    """A new one, or a known one's particulars and another secret."""
    entered = await _entered(frame)
    try:
        reader = await administrator(frame.reader)
        wanted = checked(ShopIn, {name: entered.get(name, "") for name in ShopIn.model_fields})
        answer = await add_shop(wanted, reader, frame.request, Response())
    except Problem as problem:
        return await _show_form(frame, entered, problem)
    words = "added" if answer.is_new else "known already: it has these particulars now"
    return done(f"/settings/shops/{answer.shop.domain}", f"{answer.shop.name} is {words}.")


@router.get("/settings/shops/{domain}")
async def show_shop(domain: str, frame: FrameOf) -> Response:
    return await _show_shop(frame, domain)


@router.post("/settings/shops/{domain}")
async def change(domain: str, frame: FrameOf) -> Response:
    entered = await _entered(frame)
    names = ("name", "email", "timezone")
    try:
        reader = await administrator(frame.reader)
        wanted = checked(ShopChange, {name: entered[name] for name in names if name in entered})
        await update_shop(domain, wanted, reader, frame.request, Response())
    except Problem as problem:
        return await _again(frame, domain, entered, problem)
    return done(f"/settings/shops/{domain}", "The shop is changed.")


@router.post("/settings/shops/{domain}/secret")
async def rotate(domain: str, frame: FrameOf) -> Response:
    """Beside the earlier ones, unless these are to end."""
    entered = await _entered(frame)
    values = {
        "webhook_secret": entered.get("webhook_secret", ""),
        "keep_earlier_secrets": "ends_earlier" not in entered,
    }
    try:
        reader = await administrator(frame.reader)
        answer = await update_shop(domain, checked(ShopChange, values), reader, frame.request, Response())
    except Problem as problem:
        return await _again(frame, domain, {}, problem)
    count = answer.shop.webhook_secrets
    accepted = "one secret is" if count == 1 else f"{count} secrets are"
    return done(f"/settings/shops/{domain}", f"The new secret holds; {accepted} accepted now.")


async def _show_shop(
    frame: Frame, domain: str, entered: Mapping[str, str] | None = None, problem: Problem | None = None
) -> Response:
    """`entered`: what can not be used; without it the shop as it is."""
    answer = await get_shop(domain, frame.reader, frame.backend, Response())
    shop = answer.shop
    own = ShopParameter(shop=shop.domain)
    kept = await get_retention(own, frame.reader, frame.backend, Response())
    addresses = addresses_of(frame.backend.ingest_url, shop.domain)
    values: dict[str, Any] = {
        "shop": shop,
        "kept": kept,
        "addresses": addresses,
        "has_ingest": bool(frame.backend.ingest_url),
        "zones": zones(shop.timezone),
        "entered": {
            "name": shop.name,
            "email": shop.email or "",
            "timezone": shop.timezone,
            **(entered or {}),
        },
    }
    status = problem.status if problem else 200
    return await show_tab(frame, "shops", values | _told(problem), template="shop", status=status)


async def _again(frame: Frame, domain: str, entered: Mapping[str, str], problem: Problem) -> Response:
    """The shop's page with what is wrong; a refusal as a notice."""
    if not problem.errors:
        return refused("/settings", problem)
    return await _show_shop(frame, domain, entered, problem)


async def _show_form(frame: Frame, entered: Mapping[str, str], problem: Problem | None = None) -> Response:
    if problem is not None and not problem.errors:
        return refused("/settings", problem)
    values = {"entered": entered, "zones": zones(entered.get("timezone", "UTC"))}
    status = problem.status if problem else 200
    return await show_tab(frame, "shops", values | _told(problem), template="new_shop", status=status)


def _told(problem: Problem | None) -> dict[str, Any]:
    return {"problem": problem, "faults": faults_of(problem) if problem else {}}


async def _entered(frame: Frame) -> dict[str, str]:
    return {name: value for name, value in (await frame.request.form()).items() if isinstance(value, str)}


def _require_all_shops(reader: Reader) -> None:
    if reader.shop_ids is not None:
        raise forbidden("To add a shop, a token has to be for all shops; this one is for some.")
