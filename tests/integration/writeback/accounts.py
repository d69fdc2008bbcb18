"""Sellers of a test's own at the sandbox's marketplaces, and the accounts that are connected to them."""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import orjson

from shared.vault import Vault

MARKETPLACE = "A1PA6795UKMFR9"
_OPERATIONS = ("confirmShipment", "getOrder", "searchOrders", "searchCatalogItems")
_PLENTY = {"per_second": 1000, "burst": 1000}


@dataclass(frozen=True)
class Seller:
    """`kind`: which marketplace; `name`: what the sandbox calls the seller; `uses`: over which interface."""

    control: httpx.AsyncClient
    kind: str
    name: str
    account_id: int
    uses: str | None = None

    async def say(self, method: str, path: str, **body: Any) -> Any:
        """Tells the seller's control API something."""
        answer = await self.control.request(method, f"/{self.kind}/{self.name}/{path}", json=body or None)
        answer.raise_for_status()
        return answer.json() if answer.content else None


@dataclass(frozen=True)
class Market:
    """Where accounts are made: `outside_url` is the sandbox's own address."""

    pool: asyncpg.Pool
    vault: Vault
    control: httpx.AsyncClient
    outside_url: str
    shop_id: int

    async def amazon(self, **settings: Any) -> Seller:
        """With plenty of quota."""
        name = f"seller-{uuid4().hex[:8]}"
        known = {"client_id": f"client-{name}", "client_secret": "secret", "refresh_token": f"Atzr|{name}"}
        limits = dict.fromkeys(_OPERATIONS, _PLENTY)
        terms = {**known, "marketplace_ids": [MARKETPLACE], "limits": limits}
        (await self.control.patch(f"/amazon/{name}/terms", json=terms)).raise_for_status()
        auth_url = f"{self.outside_url}/amazon-login/auth/o2/token"
        wishes = {"marketplace_ids": [MARKETPLACE], "auth_url": auth_url, **settings}
        return await self._seller("amazon", name, known, wishes)

    async def ebay(self, **settings: Any) -> Seller:
        name = f"seller-{uuid4().hex[:8]}"
        known = {"client_id": f"client-{name}", "client_secret": "secret", "refresh_token": f"v^1.1#{name}"}
        (await self.control.patch(f"/ebay/{name}/terms", json=known)).raise_for_status()
        return await self._seller("ebay", name, known, settings)

    async def _seller(self, kind: str, name: str, known: dict[str, str], settings: dict[str, Any]) -> Seller:
        account_id: int = await self.pool.fetchval(
            "INSERT INTO store.accounts (shop_id, kind, name, base_url, credentials, settings) "
            "VALUES ($1, $2, $3, $4, $5, $6) RETURNING id",
            self.shop_id,
            kind,
            name,
            f"{self.outside_url}/{kind}",
            self.vault.seal(orjson.dumps(known)),
            settings,
        )
        return Seller(self.control, kind, name, account_id, settings.get("uses"))
