"""The shops and their senders' secrets, in memory, so that deliveries are verified while Postgres is away."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import asyncpg
import orjson
import structlog

from ingest import metrics
from ingest.database import within
from shared.batching import Batcher
from shared.db.outages import ANY_DATABASE_ERROR
from shared.db.queries import load_queries
from shared.vault import SealBroken, Vault

log = structlog.get_logger()

RELOAD_INTERVAL_S = 60
REFRESH_TIMEOUT_S = 10

_queries = load_queries(__file__, "shops")


@dataclass(frozen=True, slots=True)
class Secret:
    """What a sender signs with. `account_id`: whose it is; None: the shop's own."""

    value: bytes = field(repr=False)
    account_id: int | None = None


@dataclass(frozen=True, slots=True)
class Shop:
    """`secrets` are the shop's own, `by_kind` those of its accounts; all that are valid now, newest first."""

    id: int
    domain: str
    is_active: bool
    secrets: tuple[bytes, ...] = field(repr=False)
    by_kind: Mapping[str, tuple[Secret, ...]] = field(default_factory=dict, repr=False)

    def secrets_of(self, account_kind: str | None) -> tuple[Secret, ...]:
        if account_kind is None:
            return tuple(Secret(value) for value in self.secrets)
        return self.by_kind.get(account_kind, ())


def stranger(domain: str) -> Shop:
    """Stands for a shop nobody knows; no shop has the id 0."""
    return Shop(0, domain, is_active=False, secrets=())


_Rows = list[tuple[Any, list[Any]]]


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
        except ANY_DATABASE_ERROR as error:
            raise Unknowable(domain) from error

    async def run(self) -> None:
        """Refreshes until cancelled."""
        while True:
            try:
                await within(REFRESH_TIMEOUT_S, self.refresh())
            except ANY_DATABASE_ERROR as error:
                log.warning("shops_not_refreshed", reason=repr(error)[:200])
            await asyncio.sleep(self._refresh_s)

    async def refresh(self) -> None:
        """Fetches what changed; now and then everything, which also notices shops that were removed."""
        if self._reloaded_at is None or time.monotonic() - self._reloaded_at > RELOAD_INTERVAL_S:
            rows = await self._fetched(_queries.all_shops(self._pool))
            self._shops = {}
            self._reloaded_at = time.monotonic()
        else:
            rows = await self._fetched(_queries.changed_shops(self._pool, newest_change=self._newest_change))
        self._keep(rows)
        metrics.SHOPS.set(len(self._shops))
        metrics.SHOPS_REFRESHED.set_to_current_time()

    async def _look_up_many(self, domains: Sequence[str]) -> list[Shop | None]:
        query = self._fetched(_queries.shops_by_domain(self._pool, domains=list(set(domains))))
        self._keep(await within(self._lookup_timeout_s, query))
        return [self._shops.get(domain) for domain in domains]

    async def _fetched(self, query: Any) -> _Rows:
        """The shops with their accounts."""
        shops = [row async for row in query]
        senders: dict[int, list[Any]] = {row["id"]: [] for row in shops}
        async for account in _queries.senders(self._pool, shop_ids=list(senders)):
            senders[account["shop_id"]].append(account)
        return [(row, senders[row["id"]]) for row in shops]

    def _keep(self, rows: _Rows) -> None:
        for row, senders in rows:
            self._shops[row["domain"]] = self._shop_of(row, senders)
            changes = [row["updated_at"], *(account["updated_at"] for account in senders)]
            self._newest_change = max(self._newest_change or row["updated_at"], *changes)

    def _shop_of(self, row: Any, senders: Sequence[Any]) -> Shop:
        secrets = tuple(
            secret for sealed in row["webhook_secrets"] if (secret := self._opened(row["id"], sealed))
        )
        by_kind: dict[str, tuple[Secret, ...]] = {}
        for account in (account for account in senders if account["is_active"]):
            values = secrets_in(self._opened(row["id"], account["credentials"]) or b"")
            found = tuple(Secret(value, account["id"]) for value in values)
            by_kind[account["kind"]] = by_kind.get(account["kind"], ()) + found
        return Shop(row["id"], row["domain"], row["is_active"], secrets, by_kind)

    def _opened(self, shop_id: int, sealed: bytes) -> bytes | None:
        try:
            return self._vault.open(sealed)
        except SealBroken:
            log.exception("webhook_secret_unreadable", shop_id=shop_id)
            return None


def secrets_in(credentials: bytes) -> list[bytes]:
    """An account's `webhook_secret`: one text, or several of which any is accepted. Pure; never raises."""
    try:
        content = orjson.loads(credentials)
    except orjson.JSONDecodeError:
        return []
    given = content.get("webhook_secret") if isinstance(content, dict) else None
    texts = given if isinstance(given, list) else [given]
    return [text.encode() for text in texts if isinstance(text, str) and text]
