"""The columns the list of shipments can show. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from query_api.shipment_query import Sort


@dataclass(frozen=True, slots=True)
class Column:
    """`sort` None: the list can not be sorted by it. `is_text`: what begins with A comes first."""

    name: str
    title: str
    sort: Sort | None = None
    is_usual: bool = True
    is_number: bool = False
    is_text: bool = False


COLUMNS = (
    Column("order", "Order", Sort.ORDER_NUMBER, is_text=True),
    Column("account", "Account", Sort.ACCOUNT, is_text=True),
    Column("shop", "Shop", is_usual=False),
    Column("state", "Status", Sort.STATE, is_text=True),
    Column("carrier", "Carrier / Service", Sort.CARRIER, is_text=True),
    Column("tracking", "Tracking number"),
    Column("shipment_id", "Shipment ID", is_usual=False),
    Column("quantity", "Shipped quantity", Sort.QUANTITY, is_number=True),
    Column("shipped", "Ship date", is_usual=False),
    Column("created", "Created", Sort.CREATED),
    Column("attempted", "Last attempt", Sort.LAST_ATTEMPT),
    Column("errors", "Error count", Sort.ERROR_COUNT, is_number=True),
    Column("synced", "Synchronised", Sort.SYNCED_AT, is_usual=False),
)
USUAL = tuple(column.name for column in COLUMNS if column.is_usual)
ALWAYS = ("order", "state")


def shown_columns(names: Sequence[str]) -> tuple[Column, ...]:
    """In their own order; which order it is of and how it stands are always shown."""
    return tuple(column for column in COLUMNS if column.name in (*names, *ALWAYS))
