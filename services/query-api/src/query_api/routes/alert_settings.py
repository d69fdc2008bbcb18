"""`/alerts/settings`: what a shop wants to be told of, and who is told."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from query_api.auth import Reader
from query_api.backend import Administrator, ApiReader, Backend, BackendOf, backend_of
from query_api.problems import documented
from query_api.repository import alert_settings as store
from query_api.repository.alert_settings import ShopSettings
from query_api.repository.audit import Deed, audit
from query_api.repository.connections import snapshot
from query_api.routes.alert_evidence import ShopParameter, named_shop
from query_api.routes.freshness import answered_as_of
from query_api.schemas.alert_fields import for_reader
from query_api.schemas.alert_settings import AlertSettingsAnswer, AlertSettingsIn
from shared.alerts.settings import AlertSettings

router = APIRouter(prefix="/alerts", tags=["alerts"])

ACTION = "alert-settings.change"
ADDRESSES = "extra_addresses"


@router.get("/settings", summary="Alert settings of a shop", responses=documented(400, 401, 503))
async def get_settings(
    parameters: Annotated[ShopParameter, Query()],
    reader: ApiReader,
    backend: BackendOf,
    response: Response,
) -> AlertSettingsAnswer:
    """What it wants to be told of and who is told; the defaults until somebody changes them. Addresses are
    shown to the roles operator and admin."""
    return await _answer(backend, reader, parameters.shop, response)


@router.put("/settings", summary="Change alert settings", responses=documented(400, 401, 403, 503))
async def put_settings(
    parameters: Annotated[ShopParameter, Query()],
    wanted: AlertSettingsIn,
    reader: Administrator,
    request: Request,
    response: Response,
) -> AlertSettingsAnswer:
    """They hold from the next evaluation on; POST /alerts/would-fire tries them before. Needs the role
    admin."""
    backend = backend_of(request)
    async with backend.pool.acquire() as connection, connection.transaction():
        shop = await named_shop(connection, parameters.shop, reader)
        before = await store.hold_settings(connection, shop.id)
        settings = _without(wanted.settings, before.address)
        await store.put_settings(connection, shop.id, settings, actor=reader.name)
        address = request.client.host if request.client else None
        deed = Deed(ACTION, shop.id, _changes(before.settings, settings), address=address)
        await audit(connection, reader, deed)
    return await _answer(backend, reader, parameters.shop, response)


async def _answer(backend: Backend, reader: Reader, domain: str, response: Response) -> AlertSettingsAnswer:
    async with snapshot(backend.pool) as connection:
        shop = await named_shop(connection, domain, reader)
        found = await store.shop_settings(connection, shop.id)
        as_of = await answered_as_of(connection, response)
    return AlertSettingsAnswer(as_of=as_of, **_shown(found, reader))


def _shown(found: ShopSettings, reader: Reader) -> dict[str, Any]:
    return {
        "shop": found.domain,
        "timezone": found.timezone,
        "own_address": found.address if reader.may_see_payloads else None,
        "settings": for_reader(found.settings, reader),
        "extra_address_count": len(found.settings.extra_addresses),
        "updated_at": found.updated_at,
        "updated_by": found.updated_by,
    }


def _without(settings: AlertSettings, own: str) -> AlertSettings:
    """The shop's own address is told anyway, and only once."""
    others = tuple(one for one in settings.extra_addresses if one.casefold() != own.casefold())
    return settings.model_copy(update={ADDRESSES: others})


def _changes(before: AlertSettings, after: AlertSettings) -> Mapping[str, Any]:
    """From what to what; of addresses only how many were added and removed."""
    old, new = before.model_dump(mode="json"), after.model_dump(mode="json")
    was, became = set(old.pop(ADDRESSES)), set(new.pop(ADDRESSES))
    counts = {"added": len(became - was), "removed": len(was - became)}
    changed = {name: {"from": old[name], "to": new[name]} for name in new if old[name] != new[name]}
    return changed | ({ADDRESSES: counts} if any(counts.values()) else {})
