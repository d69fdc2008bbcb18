"""Whether those who listen may still do so."""

from datetime import datetime
from typing import Any

from query_api.auth import Reader, Refused, Token, reader_of
from query_api.live.audience import Audience
from query_api.live.listener import EndReason
from query_api.repository.live import sessions_of, tokens_by_id
from query_api.repository.tokens import touch
from shared.envelope import utc_now


class Admission:
    def __init__(self, pool: Any, audience: Audience) -> None:
        self._pool = pool
        self._audience = audience

    async def look(self) -> None:
        """Ends the streams of tokens that are not good any more, or give something else than they did, and of
        browsers that were signed out."""
        readers = {listener.reader.token_id for listener in self._audience}
        keys = {listener.session for listener in self._audience if listener.session is not None}
        async with self._pool.acquire() as connection:
            tokens, now = await tokens_by_id(connection, sorted(readers)), utc_now()
            ended = keys - await sessions_of(connection, sorted(keys)) if keys else set()
            for token in tokens.values():
                await touch(connection, token, now)
        for listener in self._audience:
            held = tokens.get(listener.reader.token_id)
            if listener.session in ended:
                listener.outbox.end(EndReason.NO_ACCESS)
            elif (reason := why_to_end(listener.reader, held, now)) is not None:
                listener.outbox.end(reason)


def why_to_end(reader: Reader, token: Token | None, now: datetime) -> EndReason | None:
    """None: the token still gives what it gave when the stream began."""
    try:
        gives = reader_of(token, now)
    except Refused:
        return EndReason.NO_ACCESS
    same = (gives.role, gives.shop_ids) == (reader.role, reader.shop_ids)
    return None if same else EndReason.ACCESS_CHANGED
