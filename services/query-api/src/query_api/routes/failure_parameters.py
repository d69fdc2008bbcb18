"""What may be asked of kinds of failure, and how it is checked."""

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from query_api.auth import Reader
from query_api.failures.groups import FailureState
from query_api.failures.paging import FailureQuery, FailureSort
from query_api.routes.figure_parameters import shops_of
from query_api.routes.parameters import Moment, Name, RowNumber, wanted_types
from query_api.routes.tasks import check_accounts

LOOKED_BACK = timedelta(days=30)
Fingerprint = Annotated[
    str,
    Path(description="As in the error of a task"),
    StringConstraints(max_length=200, pattern=r"^[^\x00]+$"),
]
SORTS = tuple(f"{sign}{sort}" for sort in FailureSort for sign in ("", "-"))


class ShopsParameter(BaseModel):
    model_config = ConfigDict(extra="forbid")

    shop: list[str] = Field(default=[], description="A shop's domain; may be repeated")


class FailuresParameters(ShopsParameter):
    """All that are given have to hold."""

    state: list[FailureState] = Field(default=[], description="May be repeated")
    type: list[str] = Field(
        default=[], description="Of the tasks that failed; may be repeated", examples=[["SyncOrder"]]
    )
    group: list[str] = Field(
        default=[], description="All types of a group; may be repeated", examples=[["order sync"]]
    )
    account: list[RowNumber] = Field(default=[], description="An account's id; may be repeated")
    error_kind: Name | None = Field(
        default=None, description="Machine word for what went wrong", examples=["authentication"]
    )
    since: Moment | None = Field(default=None, description="Failed then or later; by default in 30 days")
    sort: Literal[SORTS] = Field(  # type: ignore[valid-type]
        default="-last", description="With `-` from the top down"
    )
    limit: int = Field(default=50, ge=1, le=500)
    cursor: str | None = Field(
        default=None, description="`next` or `previous` of an answer to the same query"
    )


async def query_of(
    connection: Any, parameters: FailuresParameters, reader: Reader, now: datetime
) -> FailureQuery:
    """Raises Problem."""
    _, everyone = await shops_of(connection, parameters.shop, reader)
    await check_accounts(connection, parameters.account, reader)
    return FailureQuery(
        shop_ids=tuple(shop.id for shop in everyone),
        since=parameters.since or now - LOOKED_BACK,
        is_since_given=parameters.since is not None,
        types=wanted_types(parameters.type, parameters.group),
        account_ids=tuple(dict.fromkeys(parameters.account)),
        error_kind=parameters.error_kind,
        states=tuple(dict.fromkeys(parameters.state)),
        sort=FailureSort(parameters.sort.removeprefix("-")),
        descending=parameters.sort.startswith("-"),
    )
