"""`/refused`: deliveries that were not accepted, why, and what to do."""

from urllib.parse import urlencode

from fastapi import APIRouter
from starlette.responses import Response

from query_api.console.entered import checked
from query_api.console.frame import FrameOf
from query_api.repository.connections import snapshot
from query_api.routes.rejections import KindsParameters, get_kinds

router = APIRouter()
PATH = "/refused"
SPANS = {1: "24 hours", 7: "7 days", 30: "30 days"}


@router.get(PATH)
async def show_refused(frame: FrameOf) -> Response:
    shop = frame.parameter("shop")
    given = {"days": frame.parameter("days"), "shop": [shop] if shop else []}
    asked = checked(KindsParameters, {name: value for name, value in given.items() if value})
    answer = await get_kinds(asked, frame.reader, frame.backend, Response())
    async with snapshot(frame.backend.pool) as connection:
        return await frame.show(
            connection,
            "refused/list.html",
            kinds=answer.kinds,
            is_cut=answer.is_cut,
            span=SPANS.get(asked.days, f"{asked.days} days"),
            spans=[(title, _address(days, shop), days == asked.days) for days, title in SPANS.items()],
            days=asked.days,
            shop=shop,
            shops=await frame.shops(connection),
        )


def _address(days: int, shop: str) -> str:
    return f"{PATH}?{urlencode({'days': days, **({'shop': shop} if shop else {})})}"
