"""What may be asked of lists of shipments and orders, and how it is checked."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any, TypeVar
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from query_api.auth import Reader
from query_api.field_words import storable
from query_api.order_query import OrderQuery
from query_api.problems import invalid
from query_api.repository.shipment_records import Shipper
from query_api.repository.shipments import shippers
from query_api.routes.accounts import chosen_shops
from query_api.routes.parameters import Moment
from query_api.schemas.answer import RowId
from query_api.schemas.syncing import MOST_AT_ONCE
from query_api.shipment_query import SORTS, STATE_ALIASES, ShipmentQuery, parse_sort, parse_states
from query_api.shipment_words import ShipmentState
from query_api.task_query import UnknownWord
from query_api.time_spans import Span

Parsed = TypeVar("Parsed")
Number = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), AfterValidator(storable)
]
_MOMENT = "RFC 3339 with an offset, e.g. 2026-11-21T08:00:00Z"
_STATES = ", ".join([*ShipmentState, *STATE_ALIASES])


class AccountsFilter(BaseModel):
    model_config = ConfigDict(extra="forbid")

    state: list[str] = Field(
        default=[], description=f"One of {_STATES}; may be repeated", examples=[["failed"]]
    )
    shop: list[str] = Field(default=[], description="A shop's domain; may be repeated")
    account_id: list[RowId] = Field(
        default=[], description="Shops and marketplaces that are told; may be repeated", examples=[["1"]]
    )


class ShipmentFilter(AccountsFilter):
    """Which shipments; what is left out does not matter."""

    order_number: Number | None = Field(default=None, description="With or without #")
    shipment_id: Number | None = Field(
        default=None, description="What the shipping software calls the shipment"
    )
    tracking_number: Number | None = Field(default=None, description="Of any parcel of the shipment")
    created_from: Moment | None = Field(default=None, description=f"Created at or after. {_MOMENT}")
    created_to: Moment | None = Field(default=None, description=f"Created before. {_MOMENT}")
    last_attempt_from: Moment | None = Field(default=None, description=f"Last tried at or after. {_MOMENT}")
    last_attempt_to: Moment | None = Field(default=None, description=f"Last tried before. {_MOMENT}")


class SortedShipments(ShipmentFilter):
    sort: str = Field(
        default="-created", description=f"By a column, `-` for the largest first: {', '.join(SORTS)}"
    )


class ShipmentListParameters(SortedShipments):
    limit: int = Field(default=50, ge=1, le=500)
    cursor: str | None = Field(
        default=None,
        description="`next` or `previous` of an answer to the same query; only the limit may differ",
    )


class SyncIn(BaseModel):
    """Which shipments: some named by their ids, or all that match a filter (`{}`: all this token may see)."""

    model_config = ConfigDict(extra="forbid")

    ids: list[UUID] | None = Field(default=None, min_length=1, max_length=MOST_AT_ONCE)
    filter: ShipmentFilter | None = Field(default=None, examples=[{"state": ["failed"]}])
    dry_run: bool = Field(default=False, description="Says what would be started, and starts nothing")
    cursor: str | None = Field(default=None, description="`next` of the answer before, with the same filter")

    @model_validator(mode="after")
    def _one_of_them(self) -> "SyncIn":
        if (self.ids is None) == (self.filter is None):
            raise ValueError("give either `ids`, or `filter` for all that match (`{}`: all there are)")
        return self


class OrderListParameters(AccountsFilter):
    created_from: Moment | None = Field(
        default=None, description=f"Its first shipment came at or after. {_MOMENT}"
    )
    created_to: Moment | None = Field(default=None, description=f"Its first shipment came before. {_MOMENT}")
    sort: str = Field(
        default="-created", description="By the first shipment: `-created` newest first, `created`"
    )
    limit: int = Field(default=50, ge=1, le=500)
    cursor: str | None = Field(
        default=None,
        description="`next` or `previous` of an answer to the same query; only the limit may differ",
    )


async def shipment_query(
    connection: Any, wanted: ShipmentFilter, reader: Reader, *, sort: str = "-created"
) -> tuple[ShipmentQuery, list[Shipper]]:
    """The question, and the accounts it is about. Raises Problem."""
    column, descending = _known("sort", parse_sort, sort)
    query = ShipmentQuery(
        states=_known("state", parse_states, wanted.state),
        shop_ids=await chosen_shops(connection, wanted.shop, reader),
        order_number=wanted.order_number,
        shipment_id=wanted.shipment_id,
        tracking_number=wanted.tracking_number,
        created=Span(wanted.created_from, wanted.created_to),
        attempted=Span(wanted.last_attempt_from, wanted.last_attempt_to),
        account_ids=_account_ids(wanted.account_id),
        sort=column,
        descending=descending,
    )
    return query, await shippers(connection, query.shop_ids, query.account_ids)


async def selected(
    connection: Any, ids: Sequence[UUID], reader: Reader
) -> tuple[ShipmentQuery, list[Shipper]]:
    """The question for shipments that were named one by one."""
    query = ShipmentQuery(shop_ids=reader.shop_ids, ids=tuple(dict.fromkeys(ids)))
    return query, await shippers(connection, reader.shop_ids, None)


async def order_query(
    connection: Any, wanted: OrderListParameters, reader: Reader
) -> tuple[OrderQuery, list[Shipper]]:
    """The question, and the accounts it is about. Raises Problem."""
    if wanted.sort not in ("-created", "created"):
        raise invalid("sort", f"{wanted.sort!r} is not one of: -created, created.")
    query = OrderQuery(
        states=_known("state", parse_states, wanted.state),
        shop_ids=await chosen_shops(connection, wanted.shop, reader),
        account_ids=_account_ids(wanted.account_id),
        first_shipment=Span(wanted.created_from, wanted.created_to),
        newest_first=wanted.sort == "-created",
    )
    return query, await shippers(connection, query.shop_ids, query.account_ids)


def _account_ids(texts: Sequence[str]) -> tuple[int, ...] | None:
    """An account nobody has, or that the reader may not see, has no shipments: no more is said."""
    wrong = [text for text in texts if not text.isascii() or not text.isdigit() or len(text) > 18]
    if wrong:
        raise invalid("account_id", f"{wrong[0]!r} is no account's id; GET /api/v1/accounts lists them.")
    return tuple(int(text) for text in texts) if texts else None


def _known(field: str, parse: Callable[[Any], Parsed], given: Any) -> Parsed:
    try:
        return parse(given)
    except UnknownWord as unknown:
        raise invalid(field, f"{unknown.word!r} is not one of: {', '.join(unknown.known)}.") from unknown
