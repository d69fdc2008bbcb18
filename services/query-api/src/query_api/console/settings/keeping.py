"""`/settings/retention`: how long the data of each shop is kept."""

from typing import Annotated

from fastapi import APIRouter, Form
from starlette.responses import Response

from query_api.backend import administrator
from query_api.console.entered import checked
from query_api.console.frame import FrameOf
from query_api.console.notices import done, refused
from query_api.console.settings.tabs import show_tab
from query_api.problems import Problem
from query_api.repository.connections import snapshot
from query_api.repository.shop_settings import kept_shops
from query_api.routes.alert_evidence import ShopParameter
from query_api.routes.retention import put_retention
from query_api.schemas.retention import RetentionIn

router = APIRouter()
Text = Annotated[str, Form()]


@router.get("/settings/retention")
async def show_retention(frame: FrameOf) -> Response:
    async with snapshot(frame.backend.pool) as connection:
        shops = await kept_shops(connection, frame.reader.shop_ids)
    backend = frame.backend
    values = {"shops": shops, "platform_days": backend.payload_days, "minute_days": backend.minute_days}
    return await show_tab(frame, "keeping", values)


@router.post("/settings/retention")
async def change_retention(frame: FrameOf, shop: Text, payload_days: Text = "") -> Response:
    """Empty: as long as the platform keeps them."""
    address = "/settings/retention"
    try:
        reader = await administrator(frame.reader)
        wanted = checked(RetentionIn, {"payload_days": payload_days.strip() or None})
        answer = await put_retention(ShopParameter(shop=shop), wanted, reader, frame.request, Response())
    except Problem as problem:
        return refused(address, problem)
    days = answer.payload_days or answer.platform_payload_days
    return done(address, f"{answer.shop} keeps data {days} days. What is older goes within a few hours.")
