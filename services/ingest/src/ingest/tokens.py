"""API tokens that may report shipments, in memory for as long as they are used."""

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog

from ingest.database import within
from shared.api_tokens import Role, hash_of
from shared.batching import Batcher
from shared.db.outages import ANY_DATABASE_ERROR
from shared.db.pool import Pool
from shared.db.queries import load_queries

log = structlog.get_logger()

MOST_TOKENS = 1_000
REFRESH_TIMEOUT_S = 10

_queries = load_queries(__file__, "tokens")


@dataclass(frozen=True, slots=True)
class Bearer:
    """Whom a token stands for. `shop_ids` None: all shops; `expires_at` None: it never does."""

    id: int
    name: str
    role: Role
    shop_ids: frozenset[int] | None
    expires_at: datetime | None

    def may_report_for(self, shop_id: int) -> bool:
        is_in_scope = self.shop_ids is None or shop_id in self.shop_ids
        return self.role.includes(Role.OPERATOR) and is_in_scope

    def is_valid(self, now: datetime) -> bool:
        return self.expires_at is None or now < self.expires_at


class Unverifiable(Exception):
    """The token is not in memory and the database does not answer: nobody can say whether it is good."""


class TokenDirectory:
    """Bounded: the token used longest ago is forgotten first. Only good tokens are remembered.

    `run` asks again for those it remembers, so that one that was revoked is good for seconds only, or for as
    long as the database is away.
    """

    def __init__(self, pool: Pool, *, refresh_s: float, lookup_timeout_s: float) -> None:
        self._pool = pool
        self._refresh_s = refresh_s
        self._lookup_timeout_s = lookup_timeout_s
        self._bearers: OrderedDict[bytes, Bearer] = OrderedDict()
        self._used: set[int] = set()
        self._lookups: Batcher[bytes, Bearer | None] = Batcher(self._look_up_many)

    async def find(self, token: str, now: datetime) -> Bearer | None:
        """None: it is not good (any more). Raises Unverifiable."""
        digest = hash_of(token)
        bearer = self._bearers.get(digest) or await self._looked_up(digest)
        if bearer is None or not bearer.is_valid(now):
            return None
        self._used.add(bearer.id)
        if digest in self._bearers:
            self._bearers.move_to_end(digest)
        return bearer

    async def run(self) -> None:
        """Refreshes until cancelled."""
        while True:
            await asyncio.sleep(self._refresh_s)
            try:
                await within(REFRESH_TIMEOUT_S, self.refresh())
            except ANY_DATABASE_ERROR as error:
                log.warning("tokens_not_refreshed", reason=repr(error)[:200])

    async def refresh(self) -> None:
        """Forgets what is no longer good, and notes which tokens are in use."""
        if not self._bearers:
            return
        asked = list(self._bearers)
        found = await self._fetched(asked)
        for digest in asked:
            if digest in found:
                self._bearers[digest] = found[digest]
            else:
                self._bearers.pop(digest, None)
        used, self._used = self._used, set()
        await _queries.touch_tokens(self._pool, ids=list(used))

    async def _looked_up(self, digest: bytes) -> Bearer | None:
        try:
            async with asyncio.timeout(self._lookup_timeout_s):
                return await self._lookups.submit(digest)
        except ANY_DATABASE_ERROR as error:
            raise Unverifiable from error

    async def _look_up_many(self, digests: Sequence[bytes]) -> list[Bearer | None]:
        found = await within(self._lookup_timeout_s, self._fetched(list(set(digests))))
        self._bearers.update(found)
        while len(self._bearers) > MOST_TOKENS:
            self._bearers.popitem(last=False)
        return [found.get(digest) for digest in digests]

    async def _fetched(self, digests: list[bytes]) -> dict[bytes, Bearer]:
        rows = _queries.good_tokens(self._pool, hashes=digests)
        return {row["token_hash"]: _bearer(row) async for row in rows}


def _bearer(row: Any) -> Bearer:
    shop_ids = row["shop_ids"]
    return Bearer(
        row["id"],
        row["name"],
        Role(row["role"]),
        shop_ids=None if shop_ids is None else frozenset(shop_ids),
        expires_at=row["expires_at"],
    )
