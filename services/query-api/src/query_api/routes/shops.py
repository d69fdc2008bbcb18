"""`/shops`: shops whose webhooks are taken, and what can be set of them."""

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response

from query_api.auth import Reader
from query_api.backend import Administrator, ApiReader, Backend, BackendOf, backend_of, client_address
from query_api.problems import documented, forbidden, not_found
from query_api.repository.administration import ShopParticulars, put_shop, rotate_secret, shop_id_of
from query_api.repository.audit import Deed, audit
from query_api.repository.connections import snapshot
from query_api.repository.shop_settings import KeptShop, change_shop, kept_shop
from query_api.repository.shops import visible_shops
from query_api.routes.freshness import answered_as_of
from query_api.routes.parameters import zone_of
from query_api.schemas.board import ShopOut
from query_api.schemas.shops import ShopAnswer, ShopChange, ShopIn, ShopSettingsAnswer, ShopSettingsOut

router = APIRouter(prefix="/shops", tags=["shops"])

ShopDomain = Annotated[
    str, Path(max_length=253, description="The shop's domain", examples=["demo-outdoor.myshopify.com"])
]


@router.post("", status_code=201, summary="Add a shop", responses=documented(400, 401, 403, 503))
async def add_shop(wanted: ShopIn, reader: Administrator, request: Request, response: Response) -> ShopAnswer:
    """A known shop gets these particulars, is active again if its app was uninstalled, and its webhooks may
    be signed with this secret too. Needs the role admin, for all shops."""
    if reader.shop_ids is not None:
        raise forbidden("To add a shop, a token has to be for all shops; this one is for some.")
    zone_of(wanted.timezone)
    backend = backend_of(request)
    particulars = ShopParticulars(wanted.domain, wanted.name, wanted.email, wanted.timezone)
    async with backend.pool.acquire() as connection, connection.transaction():
        is_new = await put_shop(connection, backend.vault, particulars, secret=wanted.webhook_secret)
        shop_id = await shop_id_of(connection, wanted.domain)
        assert shop_id is not None
        detail = {"domain": wanted.domain, "is_new": is_new}
        await audit(connection, reader, Deed("shop.put", shop_id, detail, client_address(request)))
        (shop,) = await visible_shops(connection, [shop_id])
        as_of = await answered_as_of(connection, response)
    return ShopAnswer(as_of=as_of, shop=ShopOut(**asdict(shop)), is_new=is_new)


@router.get("/{domain}", summary="One shop", responses=documented(400, 401, 404, 503))
async def get_shop(
    domain: ShopDomain, reader: ApiReader, backend: BackendOf, response: Response
) -> ShopSettingsAnswer:
    """What is set of it; its secrets are never shown."""
    return await _answer(backend, domain, reader, response)


@router.patch("/{domain}", summary="Change a shop", responses=documented(400, 401, 403, 404, 503))
async def update_shop(
    domain: ShopDomain, change: ShopChange, reader: Administrator, request: Request, response: Response
) -> ShopSettingsAnswer:
    """Changes what the body names. A new webhook secret comes before the earlier ones, or instead of them.
    Needs the role admin."""
    if change.timezone is not None:
        zone_of(change.timezone)
    backend = backend_of(request)
    async with backend.pool.acquire() as connection, connection.transaction():
        shop = await _visible(connection, domain, reader)
        await change_shop(connection, shop.id, name=change.name, email=change.email, timezone=change.timezone)
        if (secret := change.webhook_secret) is not None:
            keeps = change.keep_earlier_secrets
            await rotate_secret(connection, backend.vault, shop.domain, secret=secret, keeps_old=keeps)
        await audit(connection, reader, _deed(shop, change, client_address(request)))
    return await _answer(backend, domain, reader, response)


async def _visible(connection: Any, domain: str, reader: Reader) -> KeptShop:
    """Raises 404 alike for shops that are not there and those that the reader may not see."""
    shop = await kept_shop(connection, domain.strip().lower())
    if shop is None or not reader.may_see_shop(shop.id):
        raise not_found("There is no such shop that this token may see; GET /api/v1/shops lists those.")
    return shop


async def _answer(backend: Backend, domain: str, reader: Reader, response: Response) -> ShopSettingsAnswer:
    async with snapshot(backend.pool) as connection:
        shop = await _visible(connection, domain, reader)
        as_of = await answered_as_of(connection, response)
    return ShopSettingsAnswer(as_of=as_of, shop=_shown(shop, reader))


def _shown(shop: KeptShop, reader: Reader) -> ShopSettingsOut:
    return ShopSettingsOut(
        id=str(shop.id),
        domain=shop.domain,
        name=shop.name,
        timezone=shop.timezone,
        is_active=shop.is_active,
        email=shop.email if reader.may_see_payloads else None,
        webhook_secrets=shop.secrets,
        payload_days=shop.payload_days,
    )


def _deed(shop: KeptShop, change: ShopChange, address: str | None) -> Deed:
    """Which fields were changed, not what they hold."""
    detail: dict[str, Any] = {"changed": sorted(change.model_fields_set - {"keep_earlier_secrets"})}
    if change.webhook_secret is not None:
        detail["keeps_earlier_secrets"] = change.keep_earlier_secrets
    return Deed("shop.update", shop.id, detail, address=address, subject=shop.domain)
