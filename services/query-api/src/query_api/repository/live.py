"""The log as it grows, in the order in which it was recorded."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

from query_api.auth import Token
from query_api.live.position import Position
from query_api.recorder.locks import RECORDING
from query_api.repository.imports import ImportRow, import_row
from query_api.repository.records import EventRow, event_row
from query_api.repository.tokens import token_of
from shared.db.queries import load_queries

_queries = load_queries(__file__, "live")


async def horizon(connection: Any) -> datetime:
    """All that was recorded before it can be seen by statements after this one.

    Rows become visible in another order than they were recorded in. It relies on a clock of the database that
    is not set back.
    """
    return cast(datetime, await _queries.horizon(connection, recording=RECORDING))


async def recorded(connection: Any, after: Position, *, before: datetime, limit: int) -> list[EventRow]:
    """`before` must not lie behind the horizon."""
    records = _queries.recorded_between(connection, **after._asdict(), before=before, wanted=limit)
    return [event_row(record) async for record in records]


async def tokens_by_id(connection: Any, token_ids: Sequence[int]) -> dict[int, Token]:
    found = [token_of(record) async for record in _queries.tokens_of(connection, token_ids=list(token_ids))]
    return {token.id: token for token in found if token is not None}


async def sessions_of(connection: Any, key_hashes: Sequence[bytes]) -> set[bytes]:
    """Those that have not ended."""
    found = _queries.sessions_of(connection, key_hashes=list(key_hashes))
    return {record["key_hash"] async for record in found}


async def imports_since(connection: Any, moment: datetime) -> list[ImportRow]:
    """Those under way, and those that have ended since."""
    return [import_row(record) async for record in _queries.imports_since(connection, since=moment)]
