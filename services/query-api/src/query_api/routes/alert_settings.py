"""`/alerts/settings`: what a shop wants to be told of, and who is told."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from query_api.alert_channels import Unusable, WantedChannel, changes, merged
from query_api.auth import Reader
from query_api.backend import Administrator, ApiReader, Backend, BackendOf, backend_of, client_address
from query_api.problems import FieldProblem, Problem, documented
from query_api.repository import alert_settings as store
from query_api.repository.alert_settings import ShopSettings
from query_api.repository.audit import Deed, audit
from query_api.repository.connections import snapshot
from query_api.routes.alert_evidence import ShopParameter, named_shop
from query_api.routes.freshness import answered_as_of
from query_api.schemas.alert_fields import for_reader
from query_api.schemas.alert_settings import AlertSettingsAnswer, AlertSettingsIn, ChannelOut
from shared.alerts import channels as channel_box
from shared.alerts.channels import Channel
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
    await change_settings(request, reader, parameters.shop, wanted)
    return await _answer(backend_of(request), reader, parameters.shop, response)


async def change_settings(request: Request, reader: Reader, domain: str, wanted: AlertSettingsIn) -> None:
    """Raises Problem, which names every field of a channel that can not be used."""
    backend = backend_of(request)
    async with backend.pool.acquire() as connection, connection.transaction():
        shop = await named_shop(connection, domain, reader)
        before = await store.hold_settings(connection, backend.vault, shop.id)
        settings = _without(wanted.settings, before.address)
        channels = _channels(wanted, before)
        sealed = before.sealed if channels is None else channel_box.sealed(channels, backend.vault)
        await store.put_settings(connection, shop.id, settings, sealed, actor=reader.name)
        told = _changes(before.settings, settings) | _channel_changes(before, channels)
        await audit(connection, reader, Deed(ACTION, shop.id, told, address=client_address(request)))


async def _answer(backend: Backend, reader: Reader, domain: str, response: Response) -> AlertSettingsAnswer:
    async with snapshot(backend.pool) as connection:
        shop = await named_shop(connection, domain, reader)
        found = await store.shop_settings(connection, backend.vault, shop.id)
        as_of = await answered_as_of(connection, response)
    return AlertSettingsAnswer(as_of=as_of, **_shown(found, reader))


def _shown(found: ShopSettings, reader: Reader) -> dict[str, Any]:
    return {
        "shop": found.domain,
        "timezone": found.timezone,
        "own_address": found.address if reader.may_see_payloads else None,
        "settings": for_reader(found.settings, reader),
        "extra_address_count": len(found.settings.extra_addresses),
        "channels": None if found.channels is None else [_channel(one, reader) for one in found.channels],
        "updated_at": found.updated_at,
        "updated_by": found.updated_by,
    }


def _channel(channel: Channel, reader: Reader) -> ChannelOut:
    return ChannelOut(
        kind=channel.kind,
        name=channel.name,
        host=channel_box.host_of(channel) if reader.may_see_payloads else None,
        has_secret=channel.kind == "webhook",
    )


def _without(settings: AlertSettings, own: str) -> AlertSettings:
    """The shop's own address is told anyway, and only once."""
    others = tuple(one for one in settings.extra_addresses if one.casefold() != own.casefold())
    return settings.model_copy(update={ADDRESSES: others})


def _channels(wanted: AlertSettingsIn, before: ShopSettings) -> tuple[Channel, ...] | None:
    """None: they stay. Raises Problem naming every field that can not be used."""
    if wanted.channels is None:
        return None
    named = [WantedChannel(**one.model_dump()) for one in wanted.channels]
    try:
        return merged(named, before.channels or ())
    except Unusable as unusable:
        problem = Problem(400, "invalid-parameter", str(unusable))
        problem.errors = [FieldProblem(field=name, message=text) for name, text in unusable.faults.items()]
        raise problem from unusable


def _channel_changes(before: ShopSettings, after: tuple[Channel, ...] | None) -> dict[str, Any]:
    told = {} if after is None else changes(before.channels or (), after)
    return {"channels": dict(told)} if told else {}


def _changes(before: AlertSettings, after: AlertSettings) -> dict[str, Any]:
    """From what to what; of addresses only how many were added and removed."""
    old, new = before.model_dump(mode="json"), after.model_dump(mode="json")
    was, became = set(old.pop(ADDRESSES)), set(new.pop(ADDRESSES))
    counts = {"added": len(became - was), "removed": len(was - became)}
    changed = {name: {"from": old[name], "to": new[name]} for name in new if old[name] != new[name]}
    return changed | ({ADDRESSES: counts} if any(counts.values()) else {})
