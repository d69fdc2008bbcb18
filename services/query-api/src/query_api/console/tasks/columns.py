"""The columns the list of tasks can show. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from query_api.task_query import Sort


@dataclass(frozen=True, slots=True)
class Column:
    """`sort` None: the list can not be sorted by it."""

    name: str
    title: str
    sort: Sort | None = None
    is_usual: bool = True
    is_number: bool = False


COLUMNS = (
    Column("type", "Task", Sort.TYPE),
    Column("order", "Order"),
    Column("account", "Account"),
    Column("shop", "Shop", is_usual=False),
    Column("source_id", "Source ID"),
    Column("target_id", "Target ID", is_usual=False),
    Column("state", "Status"),
    Column("attempts", "Attempts", Sort.ATTEMPTS),
    Column("created", "Created", Sort.CREATED),
    Column("queued", "Queued", is_usual=False),
    Column("started", "Started", Sort.STARTED),
    Column("completed", "Completed", Sort.COMPLETED, is_usual=False),
    Column("updated", "Updated", is_usual=False),
    Column("duration", "Duration", Sort.DURATION, is_number=True),
    Column("processed", "Items", is_number=True),
    Column("failed", "Failed items", is_number=True),
)
USUAL = tuple(column.name for column in COLUMNS if column.is_usual)


def shown_columns(names: Sequence[str]) -> tuple[Column, ...]:
    """In their own order; what a task is and how it stands are always shown."""
    return tuple(column for column in COLUMNS if column.name in (*names, "type", "state"))
