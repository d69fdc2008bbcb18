"""Opens the CRM client of a task's account; what accounts share between tasks lives here."""

import hashlib
import time
from datetime import timedelta

import asyncpg
from aiolimiter import AsyncLimiter

from shared.accounts import open_account
from shared.clients.http import RecordedHttp
from shared.envelope import TaskHeader
from shared.errors import Misconfigured
from shared.tasks import Lane
from shared.vault import Vault
from sync_worker.clients.engage import Engage
from sync_worker.clients.turns import Turn
from sync_worker.store.accounts import ENGAGE, EngageAccount
from sync_worker.store.shops import was_listed

STORE = "store_external_id"
BURST_S = 0.05
BULK_SHARE = 0.7
STORES_KEPT_S = 600
LISTED_LATELY = timedelta(minutes=90)


class Crm:
    """One per process: the pace of each API key, and which stores each account has."""

    def __init__(self, http: RecordedHttp, vault: Vault, *, requests_per_second: float) -> None:
        self._http = http
        self._vault = vault
        self._burst = max(1.0, requests_per_second * BURST_S)
        self._period_s = self._burst / requests_per_second
        self._limiters: dict[tuple[bytes, float], AsyncLimiter] = {}
        self._stores: dict[tuple[int, str, str], float] = {}

    async def open(self, pool: asyncpg.Pool, task: TaskHeader) -> Engage:
        """Raises Obsolete or Misconfigured when the account can not be used."""
        account = await open_account(pool, task, self._vault, ENGAGE)
        return Engage(account, self._http, self._turn(account, task.runs_on))

    async def known_store(self, pool: asyncpg.Pool, engage: Engage) -> str:
        """The account's store, once the CRM is known to have it: a receipt would create an unknown one.

        The CRM is asked only if it was not listed lately, or not with this store.
        """
        account, store_id = engage.account, engage.rules.store_external_id
        if store_id is None:
            raise _wrong_store(
                f"The setting '{STORE}' of the CRM account '{account.name}' is missing: enter it"
            )
        place = (account.id, account.base_url, store_id)
        if self._stores.get(place, 0) > time.monotonic():
            return store_id
        if await was_listed(pool, account.id, store_id, within=LISTED_LATELY):
            return store_id
        if store_id not in await engage.store_ids():
            raise _wrong_store(
                f"The CRM has no store '{store_id}': create it there, or correct the setting '{STORE}' of "
                f"the account '{account.name}'"
            )
        self._stores[place] = time.monotonic() + STORES_KEPT_S
        return store_id

    def _turn(self, account: EngageAccount, lane: Lane) -> Turn:
        """Limits hold per API key, which several accounts may share. Mass work never uses all of one up."""
        key = hashlib.sha256(f"{account.base_url}\0{account.credentials.api_key}".encode()).digest()
        shares = (BULK_SHARE, 1.0) if lane is Lane.SYNC_BULK else (1.0,)
        return Turn(tuple(self._limiter(key, share) for share in shares))

    def _limiter(self, key: bytes, share: float) -> AsyncLimiter:
        if (key, share) not in self._limiters:
            self._limiters[key, share] = AsyncLimiter(self._burst, self._period_s / share)
        return self._limiters[key, share]


def _wrong_store(text: str) -> Misconfigured:
    return Misconfigured(text, kind="configuration")
