"""`/settings…`: shops, tokens, and who did what."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, time
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Form, Query
from starlette.responses import Response

from query_api.backend import administrator
from query_api.console.entered import checked
from query_api.console.frame import Frame, FrameOf
from query_api.console.notices import done, refused
from query_api.console.settings.addresses import addresses_of
from query_api.problems import Problem, invalid
from query_api.repository.connections import snapshot
from query_api.routes import tokens as tokens_api
from query_api.routes.alert_evidence import ShopParameter
from query_api.routes.audit import AuditParameters, list_deeds
from query_api.routes.parameters import RowNumber
from query_api.routes.retention import get_retention, put_retention
from query_api.routes.shops import add_shop
from query_api.schemas.retention import RetentionIn
from query_api.schemas.shops import ShopIn
from query_api.schemas.tokens import TokenIn

router = APIRouter()
Text = Annotated[str, Form()]
TABS = (
    ("shops", "Shops", "/settings"),
    ("tokens", "Tokens", "/settings/tokens"),
    ("audit", "Audit log", "/settings/audit"),
)

DEEDS: Mapping[str, tuple[Callable[..., Awaitable[object]], str]] = {
    "revoke": (tokens_api.revoke_token, "It is revoked."),
    "sign-out": (tokens_api.sign_out_token, "Its sessions are ended."),
}


@router.get("/settings")
async def show_shops(frame: FrameOf) -> Response:
    async with snapshot(frame.backend.pool) as connection:
        shops = await frame.shops(connection)
    kept = {
        shop.domain: await get_retention(
            ShopParameter(shop=shop.domain), frame.reader, frame.backend, Response()
        )
        for shop in shops
    }
    return await _show(
        frame, "shops", shops=shops, kept=kept, addresses=addresses_of(frame.backend.ingest_url)
    )


@router.post("/settings/shops")
async def put_shop(frame: FrameOf) -> Response:
    """A new one, or a known one's particulars and another secret."""
    form = await frame.request.form()
    try:
        reader = await administrator(frame.reader)
        wanted = checked(
            ShopIn, {name: value for name, value in form.items() if name in ShopIn.model_fields and value}
        )
        answer = await add_shop(wanted, reader, frame.request, Response())
    except Problem as problem:
        return refused("/settings", problem)
    return done("/settings", f"{answer.shop.domain} is {'added' if answer.is_new else 'changed'}.")


@router.post("/settings/retention")
async def change_retention(frame: FrameOf, shop: Text, payload_days: Text = "") -> Response:
    """Empty: as long as the platform keeps them."""
    try:
        reader = await administrator(frame.reader)
        wanted = checked(RetentionIn, {"payload_days": payload_days.strip() or None})
        await put_retention(ShopParameter(shop=shop), wanted, reader, frame.request, Response())
    except Problem as problem:
        return refused("/settings", problem)
    return done("/settings", "What is older goes within a few hours.")


@router.get("/settings/tokens")
async def show_tokens(frame: FrameOf, before: Annotated[RowNumber | None, Query()] = None) -> Response:
    reader = await administrator(frame.reader)
    return await _show_tokens(frame, reader, before)


@router.post("/settings/tokens")
async def make_token(frame: FrameOf) -> Response:
    """The page that follows shows the token, this once."""
    form = await frame.request.form()
    shop = form.get("shop")
    try:
        reader = await administrator(frame.reader)
        values: dict[str, Any] = {name: form.get(name, "") for name in ("name", "role")}
        values |= {"shops": [shop] if shop else None, "expires_at": _end_of(form.get("expires"), frame)}
        made = await tokens_api.create_token(checked(TokenIn, values), reader, frame.request, Response())
    except Problem as problem:
        return refused("/settings/tokens", problem)
    return await _show_tokens(frame, reader, None, made=made)


@router.post("/settings/tokens/{token_id}/{deed}")
async def change_token(token_id: RowNumber, deed: Literal["revoke", "sign-out"], frame: FrameOf) -> Response:
    act, said = DEEDS[deed]
    try:
        await act(token_id, await administrator(frame.reader), frame.request, Response())
    except Problem as problem:
        return refused("/settings/tokens", problem)
    return done("/settings/tokens", said)


@router.get("/settings/audit")
async def show_audit(frame: FrameOf) -> Response:
    reader = await administrator(frame.reader)
    names = ("shop", "actor", "action")
    given = {name: [frame.parameter(name)] for name in names if frame.parameter(name)}
    before = {"before": frame.parameter("before")} if frame.parameter("before") else {}
    asked = checked(AuditParameters, {**given, **before})
    answer = await list_deeds(asked, reader, frame.backend, Response())
    return await _show(
        frame,
        "audit",
        deeds=answer.deeds,
        next=answer.next,
        chosen={name: frame.parameter(name) for name in names},
    )


async def _show_tokens(frame: Frame, reader: Any, before: int | None, made: Any = None) -> Response:
    asked = tokens_api.TokensParameters(**({"before": before} if before else {}))
    answer = await tokens_api.list_tokens(asked, reader, frame.backend, Response())
    async with snapshot(frame.backend.pool) as connection:
        shops = await frame.shops(connection)
    return await _show(frame, "tokens", tokens=answer.tokens, next=answer.next, shops=shops, made=made)


async def _show(frame: Frame, tab: str, **values: Any) -> Response:
    return await frame.show_alone(f"settings/{tab}.html", tab=tab, tabs=TABS, **values)


def _end_of(text: object, frame: Frame) -> datetime | None:
    """The end of a day where the viewer is. Raises Problem."""
    if not isinstance(text, str) or not text:
        return None
    try:
        return datetime.combine(datetime.fromisoformat(text).date(), time.max, frame.zone)
    except ValueError:
        raise invalid("expires_at", f"{text!r} is no date, e.g. 2027-11-21.") from None
