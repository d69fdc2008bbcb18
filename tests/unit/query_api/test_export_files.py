"""Files of tasks: what each kind makes of values, and what spreadsheets make of them."""

import csv
import io
import tracemalloc
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import openpyxl
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from query_api.export.columns import COLUMNS, Column, Layout, UnknownColumn, chosen_columns
from query_api.export.csv_file import CsvFile
from query_api.export.ndjson_file import NdjsonFile
from query_api.export.summing import About, Summary
from query_api.export.workbook import Workbook

STOCKHOLM = ZoneInfo("Europe/Stockholm")
MOMENT = datetime(2026, 11, 21, 8, 0, 0, 250_000, tzinfo=UTC).astimezone(STOCKHOLM)
TASK_ID = UUID("019a0000-0000-7000-8000-000000000001")
FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "＋1", "－1", "＠1"]


def layout(*names: str) -> Layout:
    return Layout(chosen_columns(names), STOCKHOLM)


def plain(count: int) -> Layout:
    return Layout(tuple(Column(f"c{i}", f"C{i}", lambda *_: None) for i in range(count)), STOCKHOLM)


def opened(content: bytes) -> Any:
    return openpyxl.load_workbook(io.BytesIO(content))


def workbook_of(columns: Layout, *pages: Sequence[Sequence[Any]], most_rows: int = 1_000) -> Any:
    writer = Workbook(columns, most_rows=most_rows)
    content = writer.begun() + b"".join(writer.rows(page) for page in pages)
    return opened(content + writer.ended(None))


def a_summary() -> Summary:
    about = About({"state": ["failed"]}, "-created", "Europe/Stockholm", MOMENT)
    return Summary(about, tasks=3, states=Counter(failed=2, succeeded=1), error_kinds=Counter(timeout=2))


def test_columns_come_as_they_are_named_each_once() -> None:
    assert layout("state, id", "created_at", "id").names == ["state", "id", "created_at"]


def test_without_a_choice_there_is_everything_but_what_may_hold_data_of_persons() -> None:
    assert set(COLUMNS) - set(layout().names) == {"response_excerpt"}


def test_an_unknown_column_is_named() -> None:
    with pytest.raises(UnknownColumn, match="colour"):
        chosen_columns(["state,colour"])


def test_headings_of_times_say_the_time_zone() -> None:
    assert layout("created_at", "state").headings == ["Created (Europe/Stockholm)", "State"]


@pytest.mark.parametrize("text", FORMULAS, ids=ascii)
def test_no_spreadsheet_takes_a_cell_of_csv_for_a_formula(text: str) -> None:
    (row,) = csv.reader(io.StringIO(CsvFile(plain(1)).rows([[text]]).decode(), newline=""))
    assert row == [f"'{text}"]


@pytest.mark.parametrize("text", FORMULAS, ids=ascii)
def test_a_cell_of_a_workbook_is_the_text_and_no_formula(text: str) -> None:
    cell = workbook_of(plain(1), [[text]])["Tasks"]["A2"]
    assert (cell.value, cell.data_type) == (text.replace("\r", "\n"), "s")


def test_csv_writes_times_with_their_offset_and_nothing_for_nothing() -> None:
    values = [TASK_ID, MOMENT, None, 40.4, 0, {"a": [1]}, 'x,"y"']
    assert CsvFile(plain(7)).rows([values]).decode() == (
        '019a0000-0000-7000-8000-000000000001,2026-11-21T09:00:00.250+01:00,,40.4,0,"{""a"":[1]}","x,""y"""\r\n'
    )


def test_csv_ends_with_its_summary_when_that_is_wanted() -> None:
    assert CsvFile(plain(1)).ended(None) == b""
    lines = CsvFile(layout("state")).ended(a_summary()).decode().split("\r\n")
    assert lines[:3] == ["", "Tasks,3", "As Of (Europe/Stockholm),2026-11-21T09:00:00.250+01:00"]
    assert "State: failed,2" in lines
    assert "Error Kind: timeout,2" in lines


def test_lines_of_json_keep_large_integers_exact() -> None:
    line = NdjsonFile(layout("id", "created_at", "summary")).rows([[TASK_ID, MOMENT, {"n": 2**53, "m": 7}]])
    assert orjson.loads(line) == {
        "id": str(TASK_ID),
        "created_at": "2026-11-21T09:00:00.250000+01:00",
        "summary": {"n": "9007199254740992", "m": 7},
    }


def test_lines_of_json_end_with_the_summary_when_that_is_wanted() -> None:
    summary = orjson.loads(NdjsonFile(layout("id")).ended(a_summary()))["summary"]
    assert (summary["tasks"], summary["states"]) == (3, {"failed": 2, "succeeded": 1})
    assert (summary["timezone"], summary["filter"]) == ("Europe/Stockholm", {"state": ["failed"]})


def test_a_workbook_has_times_as_the_clocks_of_its_time_zone_show_them() -> None:
    sheet = workbook_of(plain(3), [[MOMENT, 40.4, "5523001122334"]])["Tasks"]
    assert sheet["A2"].is_date
    assert abs(sheet["A2"].value - MOMENT.replace(tzinfo=None)) < timedelta(milliseconds=1)
    assert (sheet["B2"].value, sheet["C2"].value) == (40.4, "5523001122334")


def test_a_workbook_has_a_sheet_with_the_summary() -> None:
    writer = Workbook(layout("state"))
    book = opened(writer.begun() + writer.rows([["failed"]]) + writer.ended(a_summary()))
    assert book.sheetnames == ["Tasks", "Summary"]
    lines = {row[0].value: row[1].value for row in book["Summary"].iter_rows()}
    assert (lines["Tasks"], lines["State: failed"], lines["Time Zone"]) == (3, 2, "Europe/Stockholm")


def test_more_rows_than_a_sheet_takes_go_to_another_with_the_same_headings() -> None:
    book = workbook_of(layout("state"), [["a"], ["b"]], [["c"]], most_rows=2)
    columns = {sheet.title: [row[0].value for row in sheet.iter_rows()] for sheet in book}
    assert columns == {"Tasks": ["State", "a"], "Tasks 2": ["State", "b"], "Tasks 3": ["State", "c"]}


def test_a_workbook_without_tasks_can_be_opened() -> None:
    assert [row[0].value for row in workbook_of(layout("state"))["Tasks"].iter_rows()] == ["State"]


def test_what_a_workbook_can_not_say_is_replaced() -> None:
    sheet = workbook_of(plain(3), [["a\x00b\x1f", "x" * 40_000, 2**60]])["Tasks"]
    assert sheet["A2"].value == "a�b�"
    assert len(sheet["B2"].value) == 32_767
    assert sheet["C2"].value == str(2**60)


def peak_of_writing(kind: type[CsvFile | NdjsonFile | Workbook], pages: int) -> int:
    """The most bytes held at once while this many pages of rows are written."""
    page = [[f"{n}-{column}" for column in range(10)] for n in range(100)]
    writer = kind(plain(10))
    tracemalloc.start()
    writer.begun()
    for _ in range(pages):
        writer.rows(page)
    writer.ended(a_summary())
    found = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return found


@pytest.mark.parametrize("kind", [CsvFile, NdjsonFile, Workbook])
def test_writing_takes_no_more_memory_for_more_rows(kind: type[CsvFile | NdjsonFile | Workbook]) -> None:
    # In a process of its own, where nothing else takes memory meanwhile.
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as alone:
        few, many = (alone.submit(peak_of_writing, kind, pages).result() for pages in (3, 60))
    assert many < few + 100_000


TEXTS = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), max_size=20
)


@given(st.lists(st.lists(TEXTS, min_size=30, max_size=30), max_size=3))
def test_any_text_is_the_same_when_a_workbook_is_opened(rows: list[list[str]]) -> None:
    sheet = workbook_of(plain(30), rows)["Tasks"]
    read = [[cell.value or "" for cell in row] for row in sheet.iter_rows(min_row=2, max_col=30)]
    assert read == rows
