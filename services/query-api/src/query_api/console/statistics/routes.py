"""`/statistics`."""

from fastapi import APIRouter
from starlette.responses import Response

from query_api.console.frame import FrameOf
from query_api.console.statistics.charts import charts_of
from query_api.console.statistics.choice import RANGES, choice_of
from query_api.repository.connections import snapshot
from query_api.routes.comparisons import compare_accounts, compare_suppliers, compare_types
from query_api.routes.figure_parameters import AccountFigureParameters, FigureFilters, SeriesParameters
from query_api.routes.series import get_series
from shared.envelope import utc_now
from shared.tasks import Group

router = APIRouter()


@router.get("/statistics")
async def show_statistics(frame: FrameOf) -> Response:
    choice = choice_of(*(frame.parameter(name) for name in ("range", "group", "shop")))
    shops = {"shop": [choice.shop]} if choice.shop else {}
    groups = {"group": [choice.group]} if choice.group else {}
    span = {"start": choice.since(utc_now()), **shops, **groups}
    asked = (frame.reader, frame.backend, Response())
    series = await get_series(SeriesParameters(step=choice.step, **span), *asked)
    types = await compare_types(FigureFilters(**span), *asked)
    accounts = await compare_accounts(AccountFigureParameters(**span), *asked)
    suppliers = await compare_suppliers(FigureFilters(**span), *asked)
    async with snapshot(frame.backend.pool) as connection:
        return await frame.show(
            connection,
            "statistics/page.html",
            choice=choice,
            ranges=RANGES,
            groups=list(Group),
            shops=await frame.shops(connection),
            total=series.series[0].total,
            charts=charts_of(series.series[0].points),
            types=[
                one for one in types.compared if one.queued or one.succeeded or one.failed or one.queued_now
            ],
            accounts=[one for one in accounts.compared if one.of.account_kind != "supplier"],
            suppliers=suppliers.compared,
        )
