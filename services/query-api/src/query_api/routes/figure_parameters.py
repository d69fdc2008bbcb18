"""What may be asked of statistics over time and in comparison, and how it is checked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from query_api.account_kinds import KINDS
from query_api.auth import Reader
from query_api.figures.spans import Span, Step, Untellable, stepped_span, whole_span
from query_api.problems import invalid
from query_api.repository.counters import counted
from query_api.repository.flows import Scope
from query_api.repository.records import Shop
from query_api.repository.shops import visible_shops
from query_api.routes.parameters import AsOf, Moment, Name, RowNumber, named_shops, wanted_types
from query_api.routes.tasks import check_accounts
from shared.tasks import Group, TaskType

By = Literal["type", "group", "account", "shop"]


class SpanParameters(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    start: Moment | None = Field(
        default=None, alias="from", description="As long as it fits the steps by default"
    )
    end: Moment | None = Field(default=None, alias="to", description="Now by default; exclusive")


class FigureFilters(SpanParameters):
    """All that are given have to hold."""

    shop: list[str] = Field(default=[], description="A shop's domain; may be repeated")
    type: list[str] = Field(
        default=[],
        description=f"A task type; may be repeated: {', '.join(TaskType)}",
        examples=[["SyncOrder"]],
    )
    group: list[str] = Field(
        default=[],
        description=f"All types of a group; may be repeated: {', '.join(Group)}",
        examples=[["order sync"]],
    )
    account: list[RowNumber] = Field(
        default=[], description="An account's id, as GET /api/v1/accounts lists them; may be repeated"
    )


class SeriesParameters(FigureFilters):
    step: Step | None = Field(
        default=None,
        description="Minutes for a day at most, hours for 31 days, days for 366; by default as it fits",
    )
    by: By | None = Field(default=None, description="A series for each of them; one of all by default")
    timezone: str | None = Field(
        default=None,
        description="Whose midnights days begin at; each shop's own by default",
        examples=["Europe/Stockholm"],
    )
    as_of: AsOf = None


class AccountFigureParameters(FigureFilters):
    kind: list[Name] = Field(default=[], description=f"One of {', '.join(KINDS)}; may be repeated")


@dataclass(frozen=True, slots=True)
class Choice:
    """`everyone`: the shops chosen, and nobody's where all are seen."""

    scope: Scope
    shops: Sequence[Shop]
    everyone: Sequence[Shop]


async def choice_of(connection: Any, parameters: FigureFilters, reader: Reader) -> Choice:
    """Raises Problem."""
    shops, everyone = await shops_of(connection, parameters.shop, reader)
    await check_accounts(connection, parameters.account, reader)
    types = wanted_types(parameters.type, parameters.group)
    scope = Scope(
        shop_ids=tuple(shop.id for shop in everyone),
        types=types or None,
        account_ids=tuple(dict.fromkeys(parameters.account)) or None,
    )
    return Choice(scope, shops, everyone)


async def shops_of(
    connection: Any, domains: Sequence[str], reader: Reader
) -> tuple[Sequence[Shop], Sequence[Shop]]:
    """Those that were named, else all; and the same with nobody's where all are seen. Raises Problem."""
    shops = await visible_shops(connection, reader.shop_ids)
    if domains:
        chosen = named_shops(domains, shops)
        shops = [shop for shop in shops if shop.id in chosen]
    return shops, counted(shops, is_everything=reader.shop_ids is None and not domains)


def steps_of(parameters: SeriesParameters, known_until: datetime) -> tuple[Span, Step]:
    try:
        return stepped_span(parameters.start, parameters.end, parameters.step, known_until=known_until)
    except Untellable as error:
        raise invalid(error.field, error.text) from error


def compared_span(parameters: SpanParameters, known_until: datetime) -> Span:
    """A day by default. Raises Problem."""
    try:
        return whole_span(parameters.start, parameters.end, known_until=known_until)
    except Untellable as error:
        raise invalid(error.field, error.text) from error


def common_zone(shops: Sequence[Shop]) -> str:
    """`shop`: they have several."""
    zones = {shop.timezone for shop in shops}
    return zones.pop() if len(zones) == 1 else "shop"
