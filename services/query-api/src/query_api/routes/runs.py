"""`/runs`: how far the runs through suppliers' orders and products have come."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from query_api.backend import ApiReader, BackendOf
from query_api.problems import documented
from query_api.repository.connections import snapshot
from query_api.repository.shops import visible_shops
from query_api.repository.suppliers import RunQuery, RunRow, newest_runs
from query_api.routes.freshness import answered_as_of
from query_api.routes.parameters import RowNumber, named_shops
from query_api.schemas.accounts import RunOut, RunsAnswer
from shared.envelope import utc_now

router = APIRouter(prefix="/runs", tags=["runs"])


class RunsParameters(BaseModel):
    model_config = ConfigDict(extra="forbid")

    shop: list[str] = Field(default=[], description="A shop's domain; may be repeated")
    account_id: RowNumber | None = None
    type: Literal["UpdateOrders", "UpdateProducts"] | None = Field(default=None, description="Of which tasks")
    under_way: bool | None = Field(default=None, description="Only those that go on, or that are over")
    before: UUID | None = Field(default=None, description="`next` of an answer")
    limit: int = Field(default=50, ge=1, le=500)


@router.get("", summary="Runs", responses=documented(400, 401, 503))
async def list_runs(
    parameters: Annotated[RunsParameters, Query()],
    reader: ApiReader,
    backend: BackendOf,
    response: Response,
) -> RunsAnswer:
    """The newest runs first. The figures are of this moment, also while a run goes on."""
    query = RunQuery(parameters.account_id, parameters.type, parameters.under_way, parameters.before)
    async with snapshot(backend.pool) as connection:
        shops = await visible_shops(connection, reader.shop_ids)
        domains = {shop.id: shop.domain for shop in shops}
        wanted = named_shops(parameters.shop, shops) if parameters.shop else list(domains)
        found = await newest_runs(connection, wanted, query, limit=parameters.limit)
        now = utc_now()
        return RunsAnswer(
            as_of=await answered_as_of(connection, response),
            runs=[shown(run, domains[run.shop_id], now) for run in found],
            next=found[-1].id if len(found) == parameters.limit else None,
        )


def shown(run: RunRow, domain: str, now: datetime) -> RunOut:
    per_second = pace(run, now)
    summary = {**run.summary.get("counts", {})}
    if failures := run.summary.get("failures"):
        summary["failures"] = failures
    return RunOut(
        id=run.id,
        type=run.type,
        shop=domain,
        account_id=str(run.account_id),
        account=run.account,
        state=_state(run),
        items_processed=run.processed,
        items_failed=run.failed,
        items_total=run.total,
        summary=summary,
        problem=run.problem,
        per_second=None if per_second is None else round(per_second, 1),
        seconds_left=_seconds_left(run, per_second),
        started_at=run.started_at,
        updated_at=run.updated_at,
        finished_at=run.finished_at,
    )


def pace(run: RunRow, now: datetime) -> float | None:
    """Items a second since the run began; None before the first."""
    elapsed_s = ((run.finished_at or now) - run.started_at).total_seconds()
    return run.processed / elapsed_s if run.processed and elapsed_s > 0 else None


def _state(run: RunRow) -> Literal["under_way", "finished", "broken_off"]:
    if run.finished_at is None:
        return "under_way"
    return "finished" if run.problem is None else "broken_off"


def _seconds_left(run: RunRow, per_second: float | None) -> int | None:
    if run.finished_at is not None or run.total is None or not per_second:
        return None
    return max(0, round((run.total - run.processed) / per_second))
