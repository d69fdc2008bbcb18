"""A merchant of a story's own, whose shop is imported."""

import json
import uuid
from dataclasses import dataclass
from typing import Any

import httpx

from tests.acceptance.stack import LEADING_ON, Stack
from tests.waiting import STORIES_PATIENCE_S, until

BY_THE_CLOCK = (
    "CheckAccount",
    "CheckWebhookSubscriptions",
    "FetchMarketplaceProducts",
    "IndexOrders",
    "IndexShopCustomers",
    "IndexStores",
    "SyncShopCurrency",
)
RECORDED = "SELECT 1 FROM ledger.tasks WHERE shop_id = $1 AND task_id = ANY($2::uuid[])"
UNFINISHED = f"""
    SELECT 1 FROM ledger.tasks WHERE shop_id = $1 AND completed_at IS NULL
    UNION ALL
    SELECT 1 FROM ledger.tasks JOIN ({LEADING_ON}) AS parents USING (task_id) WHERE shop_id = $1
    LIMIT 1
"""


@dataclass(frozen=True)
class Merchant:
    """A shop in the sandbox and in the product."""

    stack: Stack
    domain: str
    secret: str

    @property
    def shop(self) -> dict[str, str]:
        """As `deliver` wants it."""
        return {"domain": self.domain, "webhook_secret": self.secret}

    async def say(self, method: str, path: str, **body: Any) -> Any:
        """Tells the sandbox's control API something about the shop."""
        async with self.stack.sandbox() as sandbox:
            answer = await sandbox.request(
                method, f"/control/shops/{self.domain}/{path}", json=body or None, timeout=120
            )
        answer.raise_for_status()
        return answer.json() if answer.content else None

    async def begin(self, *kinds: str) -> httpx.Response:
        async with self.stack.api() as api:
            return await api.post(
                "/imports", json={"shop": self.domain, "kinds": kinds or ("customers", "orders")}
            )

    async def begun(self, *kinds: str) -> str:
        answer = await self.begin(*kinds)
        assert answer.status_code == 202, answer.text
        return str(answer.json()["import"]["id"])

    async def progress(self, import_id: str) -> dict[str, Any]:
        async with self.stack.api() as api:
            found: dict[str, Any] = (await api.get(f"/imports/{import_id}")).json()["import"]
        return found

    async def ended(self, import_id: str, *, timeout_s: float = STORIES_PATIENCE_S) -> dict[str, Any]:
        """The import once it is over."""

        async def is_over() -> bool:
            return (await self.progress(import_id))["finished_at"] is not None

        await until(is_over, f"import {import_id} is over", timeout_s=timeout_s)
        return await self.progress(import_id)

    async def fetch(self, query: str, *arguments: object) -> list[dict[str, Any]]:
        """`$1` is the shop's id."""
        (row,) = await self.stack.fetch("SELECT id FROM store.shops WHERE domain = $1", self.domain)
        return await self.stack.fetch(query, row["id"], *arguments)

    async def quiet(self, *accepted: str, timeout_s: float = STORIES_PATIENCE_S) -> None:
        """Until every task of the shop is over, and those that it led to. What ingest has just `accepted`, by
        task id, may not be on record yet."""
        task_ids = [uuid.UUID(task_id) for task_id in accepted]

        async def is_quiet() -> bool:
            recorded = await self.fetch(RECORDED, task_ids)
            return len(recorded) == len(task_ids) and not await self.fetch(UNFINISHED)

        await until(is_quiet, "all tasks are over", timeout_s=timeout_s)

    async def tasks(self) -> dict[tuple[str, str], int]:
        """How many of which type are in which state."""
        rows = await self.fetch(
            "SELECT type, state, count(*)::int AS n FROM ledger.tasks WHERE shop_id = $1 GROUP BY 1, 2"
        )
        return {(row["type"], row["state"]): row["n"] for row in rows}


async def merchant(stack: Stack, *, with_crm: bool = True) -> Merchant:
    """Nothing runs by the clock for it: what happens is what the story does."""
    domain, secret, token = f"import-{uuid.uuid4().hex[:8]}.myshopify.com", uuid.uuid4().hex, uuid.uuid4().hex
    url = stack.facts["sandbox_url"]
    async with stack.sandbox() as sandbox:
        opened = await sandbox.put(f"/control/shops/{domain}", json={"secret": secret, "access_token": token})
        opened.raise_for_status()
    owner = ("--name", "Imported", "--email", "owner@imported.example", "--webhook-secret", secret)
    await stack.cli("shops", "add", "--domain", domain, *owner)
    shopify = ("--kind", "shopify", "--name", "Shop", "--base-url", f"{url}/shopify/{domain}")
    schedules = ("--setting", f"schedules={json.dumps(dict.fromkeys(BY_THE_CLOCK, 0))}")
    await stack.cli("accounts", "add", "--shop", domain, *shopify, "--access-token", token, *schedules)
    if with_crm:
        key = json.loads((stack.data / "secrets.json").read_text())["engage_api_key"]
        engage = ("--kind", "engage", "--name", "CRM", "--base-url", f"{url}/engage", "--api-key", key)
        store = ("--setting", "store_external_id=ecom")
        await stack.cli("accounts", "add", "--shop", domain, *engage, *store, *schedules)
    return Merchant(stack, domain, secret)
