"""A shop of a test's own in the sandbox, with its Admin API."""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import orjson

from shared.vault import Vault

TOKEN = "token-of-this-test"
ORDER: dict[str, Any] = {"lines": [{"sku": "G4C-000001", "quantity": 2}], "paid": True, "tell": False}


@dataclass(frozen=True)
class Storefront:
    """`account_id`: the account of kind `shopify` through which the product asks it."""

    control: httpx.AsyncClient
    domain: str
    account_id: int

    async def say(self, method: str, path: str, **body: Any) -> Any:
        """Tells the shop's control API something."""
        answer = await self.control.request(method, f"/shops/{self.domain}/{path}", json=body or None)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    async def buy(self, **order: Any) -> dict[str, Any]:
        """An order of which no webhook tells."""
        content: dict[str, Any] = await self.say("POST", "orders", **{**ORDER, **order})
        return content

    async def requests(self) -> list[dict[str, Any]]:
        """What the shop's Admin API was asked, newest first."""
        asked: list[dict[str, Any]] = (await self.say("GET", "requests?limit=500"))["requests"]
        return [request for request in asked if self.domain in request["path"]]


async def open_storefront(
    pool: asyncpg.Pool, vault: Vault, control: httpx.AsyncClient, *, shop_id: int
) -> Storefront:
    domain = f"shop-{uuid4().hex[:12]}.myshopify.com"
    opened = await control.put(f"/shops/{domain}", json={"access_token": TOKEN})
    opened.raise_for_status()
    base = str(control.base_url).replace("/control/", f"/shopify/{domain}")
    account_id: int = await pool.fetchval(
        "INSERT INTO store.accounts (shop_id, kind, name, base_url, credentials, created_at) "
        "VALUES ($1, 'shopify', $2, $3, $4, now() - interval '1 day') RETURNING id",
        shop_id,
        domain,
        base,
        vault.seal(orjson.dumps({"access_token": TOKEN})),
    )
    return Storefront(control, domain, account_id)
