"""Tasks as a workbook of Excel (ECMA-376), written from top to bottom as the rows come. Pure.

Text stands in its cells as text, which no spreadsheet runs, whatever it begins with.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from query_api.export.cells import heading_cells, row_cells
from query_api.export.columns import Layout, Values
from query_api.export.package import Package
from query_api.export.summing import Summary

# Excel takes 1,048,576 rows; archives of more than 2 GiB in one part need an extension that not all read.
MOST_ROWS = 1_048_576
MOST_BYTES = 1_900 * 1024 * 1024


class Workbook:
    """Tasks on as many sheets as they need, then a sheet with the summary."""

    def __init__(self, layout: Layout, *, most_rows: int = MOST_ROWS) -> None:
        self._layout = layout
        self._most_rows = most_rows
        self._package = Package()
        self._row = 0

    def begun(self) -> bytes:
        self._begin_sheet("Tasks")
        return self._package.taken()

    def rows(self, rows: Sequence[Values]) -> bytes:
        for values in rows:
            if self._row >= self._most_rows or self._package.sheet_size >= MOST_BYTES:
                self._begin_sheet(f"Tasks {self._package.sheets + 1}")
            self._add(row_cells(values, self._row + 1))
        return self._package.taken()

    def ended(self, summary: Summary | None) -> bytes:
        if summary is not None:
            self._package.begin_sheet("Summary", widths=[36, 80])
            zone = self._layout.zone
            for number, line in enumerate(summary.lines(), start=1):
                self._package.add(row_cells(_local(line, zone), number))
        self._package.end()
        return self._package.taken()

    def _begin_sheet(self, name: str) -> None:
        headings = self._layout.headings
        self._package.begin_sheet(name, widths=[max(12, len(one) + 2) for one in headings], frozen_rows=1)
        self._row = 0
        self._add(heading_cells(headings))

    def _add(self, row: str) -> None:
        self._package.add(row)
        self._row += 1


def _local(values: Iterable[Any], zone: ZoneInfo) -> list[Any]:
    return [one.astimezone(zone) if isinstance(one, datetime) else one for one in values]
