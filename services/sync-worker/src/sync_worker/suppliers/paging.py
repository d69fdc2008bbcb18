"""What asks for a page, and whether another one follows. Pure."""

from typing import Any, assert_never

from shared.suppliers.paging import CursorPaging, OffsetPaging, PagePaging, Paging
from shared.suppliers.paths import value_at

_LONGEST_TOTAL = 12


def page_query(paging: Paging, cursor: str | None) -> dict[str, str]:
    """The query parameters of the page at a cursor that `next_cursor` gave; None: the first."""
    sized = {paging.size_parameter: str(paging.size)} if paging.size_parameter and paging.size else {}
    match paging:
        case CursorPaging():
            return sized | ({paging.parameter: cursor} if cursor else {})
        case PagePaging():
            return sized | {paging.parameter: str(paging.first + _place(cursor)[0])}
        case OffsetPaging():
            return sized | {paging.parameter: str(_place(cursor)[1])}
        case _:
            assert_never(paging)


def next_cursor(paging: Paging, cursor: str | None, answer: Any, *, count: int) -> str | None:
    """The cursor after a page of `count` elements; None: that was the last.

    Numbered pages go on until one is empty or as many came as the supplier says there are: how many fit on a
    page is the supplier's choice, so a short one proves nothing.
    """
    if isinstance(paging, CursorPaging):
        found = value_at(answer, paging.next)
        return str(found) if found not in (None, "", False) else None
    page, seen = _place(cursor)
    seen += count
    total = total_of(paging, answer)
    if count == 0 or (total is not None and seen >= total):
        return None
    return f"{page + 1}:{seen}"


def total_of(paging: Paging, answer: Any) -> int | None:
    """How many elements all pages have, if the answer says."""
    total = str(value_at(answer, paging.total))
    return int(total) if total.isdecimal() and len(total) <= _LONGEST_TOTAL else None


def _place(cursor: str | None) -> tuple[int, int]:
    """How many pages and how many elements came before."""
    page, _, seen = (cursor or "0:0").partition(":")
    return int(page), int(seen)
