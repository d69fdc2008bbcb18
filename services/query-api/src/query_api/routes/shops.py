"""`POST /shops`: a shop whose webhooks are taken from now on."""

from dataclasses import asdict

from fastapi import APIRouter, Request, Response

from query_api.backend import Administrator, backend_of, client_address
from query_api.problems import documented, forbidden
from query_api.repository.administration import ShopParticulars, put_shop, shop_id_of
from query_api.repository.audit import Deed, audit
from query_api.repository.shops import visible_shops
from query_api.routes.freshness import answered_as_of
from query_api.routes.parameters import zone_of
from query_api.schemas.board import ShopAnswer, ShopIn, ShopOut

router = APIRouter(tags=["shops"])


@router.post("/shops", status_code=201, summary="Add a shop", responses=documented(400, 401, 403, 503))
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
