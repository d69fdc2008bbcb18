"""The columns a file of tasks can have. Pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any
from zoneinfo import ZoneInfo

from query_api.repository.records import Names, TaskRow
from query_api.schemas.shaping import spec_of

Values = Sequence[Any]


@dataclass(frozen=True, slots=True)
class Column:
    """`is_private`: it may hold data of persons, and is for those who may see that."""

    name: str
    heading: str
    value: Callable[[TaskRow, Names], Any]
    is_moment: bool = False
    is_private: bool = False


@dataclass(frozen=True, slots=True)
class Layout:
    """Which columns in which order, and in which time zone."""

    columns: tuple[Column, ...]
    zone: ZoneInfo

    @property
    def names(self) -> list[str]:
        return [column.name for column in self.columns]

    @property
    def headings(self) -> list[str]:
        """Those of times say in which time zone they are."""
        return [
            f"{column.heading} ({self.zone.key})" if column.is_moment else column.heading
            for column in self.columns
        ]

    def values(self, row: TaskRow, names: Names) -> list[Any]:
        """Moments in the layout's time zone."""
        found = (column.value(row, names) for column in self.columns)
        return [one.astimezone(self.zone) if isinstance(one, datetime) else one for one in found]


class UnknownColumn(ValueError):
    """There is no column of that name."""


def chosen_columns(names: Iterable[str]) -> tuple[Column, ...]:
    """Each once, in the order given; none given: all that are for everybody. Raises UnknownColumn."""
    wanted = dict.fromkeys(name for text in names for name in text.replace(" ", "").split(",") if name)
    for name in wanted:
        if name not in COLUMNS:
            raise UnknownColumn(name)
    return tuple(COLUMNS[name] for name in wanted) or FOR_EVERYBODY


def _own(name: str, heading: str, attribute: str | None = None, *, is_private: bool = False) -> Column:
    get = attrgetter(attribute or name)
    return Column(name, heading, lambda row, _: get(row), is_private=is_private)


def _moment(name: str, heading: str) -> Column:
    get = attrgetter(name)
    return Column(name, heading, lambda row, _: get(row), is_moment=True)


def _group(row: TaskRow, _: Names) -> str:
    spec = spec_of(row.type)
    return spec.group.value if spec else "other"


def _shop(row: TaskRow, names: Names) -> str:
    return names.domains.get(row.shop_id, str(row.shop_id))


def _account(row: TaskRow, names: Names) -> str | None:
    account = names.accounts.get(row.account_id or 0)
    return str(account) if account else None


_ALL = (
    _own("id", "ID", "task_id"),
    _own("type", "Type"),
    Column("group", "Group", _group),
    _own("state", "State"),
    Column("shop", "Shop", _shop),
    Column("account", "Account", _account),
    _own("order_number", "Order Number"),
    _own("source_id", "Source ID"),
    _own("target_id", "Target ID"),
    _own("attempt", "Attempt"),
    _own("max_attempts", "Most Attempts"),
    _moment("created_at", "Created"),
    _moment("queued_at", "Queued"),
    _moment("started_at", "Started"),
    _moment("completed_at", "Completed"),
    _moment("due_at", "Next Attempt"),
    _moment("updated_at", "Updated"),
    _own("duration_ms", "Duration (ms)"),
    _own("items_processed", "Items Processed"),
    _own("items_failed", "Items Failed"),
    _own("items_total", "Items"),
    _own("note", "Note"),
    _own("summary", "Summary"),
    _own("error_kind", "Error Kind"),
    _own("error_message", "Error"),
    _own("http_status", "HTTP Status", "error_status"),
    _own("place", "Place", "error_place"),
    _own("remedy", "Remedy"),
    _own("fingerprint", "Fingerprint"),
    _own("response_excerpt", "Answer", "error_excerpt", is_private=True),
    _own("parent_id", "Caused By"),
    _own("root_id", "First Task"),
    _own("retry_of", "Retry Of"),
)
COLUMNS: Mapping[str, Column] = {column.name: column for column in _ALL}
FOR_EVERYBODY = tuple(column for column in _ALL if not column.is_private)
