"""Tasks as lines of CSV (RFC 4180) that no spreadsheet takes for formulas. Pure."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from query_api.export.columns import Layout, Values
from query_api.export.disarming import disarmed
from query_api.export.summing import Summary


class CsvFile:
    """With a summary the file ends with an empty line, then names and values."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout

    def begun(self) -> bytes:
        return _lines([self._layout.headings])

    def rows(self, rows: Sequence[Values]) -> bytes:
        return _lines([cell(value) for value in row] for row in rows)

    def ended(self, summary: Summary | None) -> bytes:
        if summary is None:
            return b""
        zone = self._layout.zone
        return b"\r\n" + _lines([name, cell(_local(value, zone))] for name, value in summary.lines())


def cell(value: Any) -> str:
    match value:
        case None:
            return ""
        case datetime():
            return value.isoformat(timespec="milliseconds")
        case int() | float():
            return str(value)
        case dict() | list():
            return disarmed(orjson.dumps(value).decode())
        case _:
            return disarmed(str(value))


def _local(value: Any, zone: ZoneInfo) -> Any:
    return value.astimezone(zone) if isinstance(value, datetime) else value


def _lines(rows: Iterable[Sequence[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()
