"""The shops and their webhook secrets, in memory, so that deliveries are verified while Postgres is away."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import asyncpg
import structlog

from ingest import metrics
from ingest.database import DATABASE_AWAY, within
from shared.batching import Batcher
from shared.db.queries import load_queries
from shared.vault import SealBroken, Vault

log = structlog.get_logger()

RELOAD_INTERVAL_S = 60
REFRESH_TIMEOUT_S = 10

_queries = load_queries(__file__, "shops")


@dataclass(frozen=True, slots=True)
class Shop:
    """`secrets`: all that are valid now, newest first."""

    id: int
    domain: str
    is_active: bool
    secrets: tuple[bytes, ...] = field(repr=False)


class Unknowable(Exception):
    """The shop is not in memory and the database does not answer: nobody can say whether it exists."""


class ShopDirectory:
    """`run` fills it and keeps it fresh; what it holds stays valid for as long as the database is away."""

    def __init__(
        self, pool: asyncpg.Pool, vault: Vault, *, refresh_s: float, lookup_timeout_s: float
    ) -> None:
        self._pool = pool
        self._vault = vault
        self._refresh_s = refresh_s
        self._lookup_timeout_s = lookup_timeout_s
        self._shops: dict[str, Shop] = {}
        self._newest_change: datetime | None = None
        self._reloaded_at: float | None = None
        self._lookups: Batcher[str, Shop | None] = Batcher(self._look_up_many)

    @property
    def is_loaded(self) -> bool:
        return self._reloaded_at is not None

    async def find(self, domain: str) -> Shop | None:
        """The shop of that domain, active or not; None if there is none. Raises Unknowable."""
        shop = self._shops.get(domain)
        if shop is not None:
            return shop
        try:
            async with asyncio.timeout(self._lookup_timeout_s):
                return await self._lookups.submit(domain)
        except DATABASE_AWAY as error:
            raise Unknowable(domain) from error

    async def run(self) -> None:
        """Refreshes until cancelled."""
        while True:
            try:
                await within(REFRESH_TIMEOUT_S, self.refresh())
            except DATABASE_AWAY as error:
                log.warning("shops_not_refreshed", reason=repr(error)[:200])
            await asyncio.sleep(self._refresh_s)

    async def refresh(self) -> None:
        """Fetches what changed; now and then everything, which also notices shops that were removed."""
        if self._reloaded_at is None or time.monotonic() - self._reloaded_at > RELOAD_INTERVAL_S:
            rows = await _rows(_queries.all_shops(self._pool))
            self._shops = {}
            self._reloaded_at = time.monotonic()
        else:
            rows = await _rows(_queries.changed_shops(self._pool, newest_change=self._newest_change))
        self._keep(rows)
        metrics.SHOPS.set(len(self._shops))
        metrics.SHOPS_REFRESHED.set_to_current_time()

    async def _look_up_many(self, domains: Sequence[str]) -> list[Shop | None]:
        query = _rows(_queries.shops_by_domain(self._pool, domains=list(set(domains))))
        self._keep(await within(self._lookup_timeout_s, query))
        return [self._shops.get(domain) for domain in domains]

    def _keep(self, rows: Sequence[Any]) -> None:
        for row in rows:
            self._shops[row["domain"]] = self._shop_of(row)
            self._newest_change = max(self._newest_change or row["updated_at"], row["updated_at"])

    def _shop_of(self, row: Any) -> Shop:
        secrets = tuple(
            secret for sealed in row["webhook_secrets"] if (secret := self._opened(row["id"], sealed))
        )
        return Shop(row["id"], row["domain"], row["is_active"], secrets)

    def _opened(self, shop_id: int, sealed: bytes) -> bytes | None:
        try:
            return self._vault.open(sealed)
        except SealBroken:
            log.exception("webhook_secret_unreadable", shop_id=shop_id)
            return None


async def _rows(query: Any) -> list[Any]:
    """aiosql's asyncpg queries are async generators."""
    return [row async for row in query]
