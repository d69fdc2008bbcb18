"""The kinds of files, and what writes each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from query_api.export.columns import Layout, Values
from query_api.export.csv_file import CsvFile
from query_api.export.ndjson_file import NdjsonFile
from query_api.export.summing import Summary
from query_api.export.workbook import Workbook


class Format(StrEnum):
    CSV = "csv"
    XLSX = "xlsx"
    NDJSON = "ndjson"


class FileWriter(Protocol):
    """Gives the bytes of a file piece by piece, in this order; it keeps none of them."""

    def begun(self) -> bytes:
        """What stands before the rows."""

    def rows(self, rows: Sequence[Values], /) -> bytes:
        """Some more rows; may be empty, when they are not through yet."""

    def ended(self, summary: Summary | None, /) -> bytes:
        """The rest. None: without a summary, where it can be without."""


MEDIA_TYPES: Mapping[Format, str] = {
    Format.CSV: "text/csv; charset=utf-8; header=present",
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Format.NDJSON: "application/x-ndjson",
}


@dataclass(frozen=True, slots=True)
class FileKind:
    format: Format
    layout: Layout
    has_summary: bool

    def writer(self) -> FileWriter:
        match self.format:
            case Format.CSV:
                return CsvFile(self.layout)
            case Format.XLSX:
                return Workbook(self.layout)
            case Format.NDJSON:
                return NdjsonFile(self.layout)

    @property
    def media_type(self) -> str:
        return MEDIA_TYPES[self.format]

    def file_name(self, moment: datetime) -> str:
        return f"tasks-{moment.astimezone(self.layout.zone):%Y-%m-%dT%H%M}.{self.format}"
