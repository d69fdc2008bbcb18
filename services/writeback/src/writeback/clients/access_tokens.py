"""Access tokens of accounts: kept while they last, and fetched by one task at a time."""

import asyncio
import hashlib
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from shared.errors import Misconfigured

MARGIN_S = 60.0
REFUSAL_KEPT_S = 10.0


@dataclass(frozen=True, slots=True)
class Grant:
    """A token as it was just given out."""

    token: str = field(repr=False)
    expires_in_s: float


@dataclass(frozen=True, slots=True)
class Key:
    """Whose token it is. Other credentials are another key, so a changed secret counts at once."""

    account_id: int
    fingerprint: bytes


@dataclass(frozen=True, slots=True)
class _Kept:
    token: str = field(repr=False)
    until: float


@dataclass(slots=True)
class AccessTokens:
    """One per process. `clock` counts seconds."""

    clock: Callable[[], float] = time.monotonic
    _kept: dict[Key, _Kept] = field(default_factory=dict)
    _refusals: dict[Key, tuple[float, Misconfigured]] = field(default_factory=dict)
    _turns: defaultdict[Key, asyncio.Lock] = field(default_factory=lambda: defaultdict(asyncio.Lock))

    async def get(
        self, key: Key, fetch: Callable[[], Awaitable[Grant]], *, refused: str | None = None
    ) -> str:
        """A token that is valid for a while. `refused`: one that was not taken; it is given to nobody again.

        Raises what `fetch` raises. That credentials were refused is remembered for some seconds, so that
        tasks waiting for the same token do not all ask in vain.
        """
        async with self._turns[key]:
            kept = self._kept.get(key)
            if kept is not None and kept.until > self.clock() and kept.token != refused:
                return kept.token
            self._raise_known_refusal(key)
            return await self._fetched(key, fetch)

    async def _fetched(self, key: Key, fetch: Callable[[], Awaitable[Grant]]) -> str:
        try:
            grant = await fetch()
        except Misconfigured as error:
            self._refusals[key] = (self.clock() + REFUSAL_KEPT_S, error)
            raise
        margin_s = min(MARGIN_S, grant.expires_in_s / 2)
        self._kept[key] = _Kept(grant.token, self.clock() + grant.expires_in_s - margin_s)
        return grant.token

    def _raise_known_refusal(self, key: Key) -> None:
        until, error = self._refusals.get(key, (0.0, None))
        if error is not None and until > self.clock():
            raise Misconfigured(error.message, answer=error.answer, kind=error.kind)


def key_of(account_id: int, *facts: str) -> Key:
    """`facts`: everything that decides which token is given out: address, credentials, scopes."""
    return Key(account_id, hashlib.sha256("\0".join(facts).encode()).digest())
