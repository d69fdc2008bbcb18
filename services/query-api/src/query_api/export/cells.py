"""Rows of a sheet as XML. Pure."""

import re
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any

import orjson

HEADING, MOMENT = 1, 2
LONGEST_TEXT = 32_767
_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001  spreadsheets count the days of a calendar, whatever the zone
_DAY_S = 86_400
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_LOOKS_ESCAPED = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
_LARGEST_EXACT = 2**53 - 1


def heading_cells(headings: Sequence[str]) -> str:
    cells = (_text(heading, f"{column(i)}1", HEADING) for i, heading in enumerate(headings))
    return f'<row r="1">{"".join(cells)}</row>'


def row_cells(values: Sequence[Any], number: int) -> str:
    """A row; where there is no value, there is no cell."""
    cells = [_cell(value, f"{column(i)}{number}") for i, value in enumerate(values) if value is not None]
    return f'<row r="{number}">{"".join(cells)}</row>'


@cache
def column(index: int) -> str:
    """A, B, … Z, AA, AB, …"""
    before, last = divmod(index, 26)
    return (column(before - 1) if before else "") + chr(ord("A") + last)


def _cell(value: Any, reference: str) -> str:
    match value:
        case str():
            return _text(value, reference)
        case datetime():
            return f'<c r="{reference}" s="{MOMENT}"><v>{_days(value):.9f}</v></c>'
        case int() | float() if abs(value) <= _LARGEST_EXACT:
            return f'<c r="{reference}"><v>{value}</v></c>'
        case dict() | list():
            return _text(orjson.dumps(value).decode(), reference)
        case _:
            return _text(str(value), reference)


def _days(moment: datetime) -> float:
    """What clocks in its time zone show, as days since the beginning of a spreadsheet's calendar."""
    return (moment.replace(tzinfo=None) - _EPOCH).total_seconds() / _DAY_S


def _text(text: str, reference: str, style: int = 0) -> str:
    shown = escaped(text)
    styled = f' s="{style}"' if style else ""
    kept = "" if shown == shown.strip() else ' xml:space="preserve"'
    return f'<c r="{reference}"{styled} t="inlineStr"><is><t{kept}>{shown}</t></is></c>'


def escaped(text: str) -> str:
    """What XML can not say is replaced; what a spreadsheet would take for its own escape stays text."""
    if len(text) > LONGEST_TEXT:
        text = text[: LONGEST_TEXT - 1] + "…"
    text = _NOT_IN_XML.sub("�", text).replace("\r\n", "\n").replace("\r", "\n")
    text = _LOOKS_ESCAPED.sub("_x005F_", text)
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
