"""Who is signed in to the console."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from query_api.auth import Token
from query_api.repository.tokens import token_of
from query_api.sessions import session_hash
from shared.db.queries import load_queries

_queries = load_queries(__file__, "sessions")


@dataclass(frozen=True, slots=True)
class NewSession:
    """`key`: what the browser will hold."""

    key: str
    token_id: int
    address: str | None
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Session:
    """A browser that is signed in. `is_own`: the one that asks."""

    address: str | None
    started_at: datetime
    expires_at: datetime
    is_own: bool


async def begin_session(connection: Any, session: NewSession) -> None:
    await _queries.begin_session(
        connection,
        key_hash=session_hash(session.key),
        token_id=session.token_id,
        address=session.address,
        expires_at=session.expires_at,
    )


async def token_of_session(connection: Any, key: str) -> Token | None:
    """None: the session has ended."""
    return token_of(await _queries.token_of_session(connection, key_hash=session_hash(key)))


async def end_session(connection: Any, key: str) -> None:
    """This browser only."""
    await _queries.end_session(connection, key_hash=session_hash(key))


async def end_sessions(connection: Any, token_id: int) -> int:
    """Every browser signed in with the token, or as the person; returns how many."""
    status: str = await _queries.end_sessions(connection, token_id=token_id)
    return int(status.rsplit(maxsplit=1)[-1])


async def sessions_of(connection: Any, token_id: int, *, own_key: str | None) -> list[Session]:
    """Those of the token, or of the person, the latest first; 100 at most. `own_key`: of who asks."""
    own = session_hash(own_key) if own_key else None
    return [
        Session(row["address"], row["started_at"], row["expires_at"], row["key_hash"] == own)
        async for row in _queries.sessions_of(connection, token_id=token_id)
    ]
