"""Boards that people keep under a name, each for themselves."""

from dataclasses import dataclass
from typing import Any

from shared.db.queries import load_queries

MOST_KEPT = 30
_queries = load_queries(__file__, "saved_views")


@dataclass(frozen=True, slots=True)
class SavedView:
    """`query`: the filters as they stand in the board's address."""

    id: int
    name: str
    query: str


async def views_of(connection: Any, token_id: int) -> list[SavedView]:
    return [SavedView(**dict(record)) async for record in _queries.views_of(connection, token_id=token_id)]


async def keep_view(connection: Any, token_id: int, name: str, query: str) -> bool:
    """In the place of one with the same name. False: there are as many as may be."""
    status = await _queries.keep(connection, token_id=token_id, name=name, query=query, most=MOST_KEPT)
    return _rows(status) > 0


async def forget_view(connection: Any, token_id: int, view_id: int) -> bool:
    return _rows(await _queries.forget(connection, token_id=token_id, view_id=view_id)) > 0


def _rows(status: str) -> int:
    """`DELETE 1`"""
    return int(status.rsplit(maxsplit=1)[-1])
