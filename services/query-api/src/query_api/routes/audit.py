"""`/audit`: who did what, when, and from where. For administrators."""

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from query_api.auth import Reader
from query_api.backend import Administrator, BackendOf
from query_api.problems import documented
from query_api.repository.audit import LATEST, Wanted, newest_deeds
from query_api.repository.connections import snapshot
from query_api.routes.accounts import chosen_shops
from query_api.routes.freshness import answered_as_of
from query_api.routes.parameters import Moment, Name
from query_api.schemas.audit import AuditAnswer, DeedOut
from query_api.time_spans import Span

router = APIRouter(prefix="/audit", tags=["access"])


class AuditParameters(BaseModel):
    model_config = ConfigDict(extra="forbid")

    shop: list[str] = Field(default=[], description="A shop's domain; may be repeated")
    actor: list[Name] = Field(default=[], description="The name of a token or person; may be repeated")
    action: list[Name] = Field(default=[], description="Such as `task.retry`; may be repeated")
    subject: Name | None = Field(default=None, description="The id of what it was done to")
    since: Moment | None = Field(default=None, description="Done then or later, e.g. 2026-11-21T08:00:00Z")
    until: Moment | None = Field(default=None, description="Done before")
    before: int = Field(default=LATEST, ge=1, le=LATEST, description="`next` of an answer")
    limit: int = Field(default=50, ge=1, le=500)


@router.get("", summary="Audit log", responses=documented(400, 401, 403, 503))
async def list_deeds(
    parameters: Annotated[AuditParameters, Query()],
    reader: Administrator,
    backend: BackendOf,
    response: Response,
) -> AuditAnswer:
    """Everything people changed or took out, by the API, the console or the command line, the newest first.
    An administrator of some shops sees what was done for those, and what they did themselves. Needs the role
    admin."""
    limit = parameters.limit
    async with snapshot(backend.pool) as connection:
        shop_ids = await chosen_shops(connection, parameters.shop, reader)
        rows = await newest_deeds(connection, _wanted(parameters, reader, shop_ids), limit=limit + 1)
        as_of = await answered_as_of(connection, response)
    return AuditAnswer(
        as_of=as_of,
        deeds=[DeedOut(**asdict(row)) for row in rows[:limit]],
        next=rows[limit - 1].id if len(rows) > limit else None,
    )


def _wanted(parameters: AuditParameters, reader: Reader, shop_ids: tuple[int, ...] | None) -> Wanted:
    return Wanted(
        shop_ids=shop_ids,
        own_id=None if parameters.shop else reader.token_id,
        actors=parameters.actor,
        actions=parameters.action,
        subject=parameters.subject,
        at=Span(parameters.since, parameters.until),
        before=parameters.before,
    )
