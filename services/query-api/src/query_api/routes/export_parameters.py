"""What may be asked of files of tasks, and how it is checked."""

from typing import Any, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from query_api.auth import Reader
from query_api.export.columns import COLUMNS, Column, Layout, UnknownColumn, chosen_columns
from query_api.export.formats import FileKind, Format
from query_api.export.writing import Export
from query_api.problems import forbidden, invalid
from query_api.routes.operation_parameters import MOST_NAMED
from query_api.routes.parameters import SortedTasks, task_query, zone_of
from query_api.routes.tasks import chosen
from shared.envelope import utc_now

_COLUMNS = (
    f"In this order; may be repeated, or be a list with commas: {', '.join(COLUMNS)}. None: all but "
    f"{', '.join(column.name for column in COLUMNS.values() if column.is_private)}, which may hold data of "
    "persons and is for the roles operator and admin"
)


class _FileWanted(BaseModel):
    model_config = ConfigDict(extra="forbid")

    format: Format = Field(default=Format.CSV, description="XLSX has a sheet with the summary in any case")
    columns: list[str] = Field(default=[], description=_COLUMNS, examples=[["created_at,order_number,state"]])
    timezone: str = Field(default="UTC", description="Of the file's times", examples=["Europe/Stockholm"])
    with_summary: bool = Field(
        default=False,
        description="CSV and NDJSON end with a summary: how many tasks in which state, of which list",
    )


class ExportParameters(SortedTasks, _FileWanted):
    """The filters and the order of the list, and what the file is to be."""


class ExportIn(_FileWanted):
    """`filter`: the filters and the order of the list; none: all tasks this token may see. `ids` instead:
    these tasks alone, as far as this token may see them, the newest first."""

    filter: SortedTasks = Field(default=SortedTasks(), examples=[{"state": ["failed"], "sort": "-completed"}])
    ids: list[UUID] | None = Field(default=None, min_length=1, max_length=MOST_NAMED, examples=[None])

    @model_validator(mode="after")
    def _is_one_of_both(self) -> Self:
        if self.ids is not None and self.filter != SortedTasks():
            raise ValueError("Give either `ids` or a `filter`, not both.")
        return self


async def export_of(connection: Any, wanted: ExportParameters | ExportIn, reader: Reader) -> Export:
    """Raises Problem."""
    filters = wanted.filter if isinstance(wanted, ExportIn) else wanted
    now = utc_now()
    query = task_query(filters, await chosen(connection, filters, reader), now)
    ids = tuple(dict.fromkeys(wanted.ids)) if isinstance(wanted, ExportIn) and wanted.ids else None
    asked = _asked(filters) if ids is None else {"named": len(ids)}
    return Export(query, _kind(wanted, reader), asked, filters.sort, ids)


def _kind(wanted: _FileWanted, reader: Reader) -> FileKind:
    layout = Layout(_columns(wanted.columns, reader), zone_of(wanted.timezone))
    return FileKind(wanted.format, layout, wanted.with_summary or wanted.format is Format.XLSX)


def _columns(names: list[str], reader: Reader) -> tuple[Column, ...]:
    try:
        columns = chosen_columns(names)
    except UnknownColumn as unknown:
        raise invalid("columns", f"{str(unknown)!r} is not one of: {', '.join(COLUMNS)}.") from unknown
    private = [column.name for column in columns if column.is_private]
    if private and not reader.may_see_payloads:
        raise forbidden(
            f"The column {private[0]} may hold data of persons: it needs the role operator or admin; this "
            f"token's role is {reader.role}. Leave it out, or ask an administrator for another token."
        )
    return columns


def _asked(filters: SortedTasks) -> dict[str, Any]:
    """The filters alone, as they were given."""
    given = filters.model_dump(mode="json", include=set(SortedTasks.model_fields), exclude_defaults=True)
    return {name: value for name, value in given.items() if name != "sort"}
