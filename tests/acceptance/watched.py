"""A shop that alerting watches, in the sandbox and in the product. Its time is moved by hand."""

import json
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from tests.acceptance.stack import Stack

OFF = {"IndexOrders": 0, "IndexShopCustomers": 0}
# What is known of the shop becomes so much older: nothing else has happened since.
_OLDER = (
    "UPDATE store.shops SET installed_at = installed_at - $2::interval WHERE id = $1",
    "UPDATE store.accounts SET created_at = created_at - $2::interval WHERE shop_id = $1",
    "UPDATE ledger.task_counts_by_minute SET bucket = bucket - $2::interval WHERE shop_id = $1",
    "UPDATE ledger.task_counts_by_hour SET bucket = bucket - $2::interval WHERE shop_id = $1",
)


@dataclass(frozen=True)
class Watched:
    """`address`: of the shop's owner, who is told."""

    stack: Stack
    domain: str
    address: str

    async def say(self, method: str, path: str, **body: Any) -> Any:
        async with self.stack.sandbox() as sandbox:
            answer = await sandbox.request(method, f"/control/shops/{self.domain}/{path}", json=body or None)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    async def sell(self, *, tell: bool = True, minutes_ago: int = 0) -> dict[str, Any]:
        """To somebody the CRM can know; guests may leave neither mail address nor phone. `tell`: the shop
        sends its webhooks."""
        email = f"kim-{uuid.uuid4().hex[:8]}@watched.example"
        buyer = await self.say("POST", "customers", first_name="Kim", email=email, tell=False)
        lines = [{"sku": "G4C-000001", "quantity": 1}]
        wish = {"customer_id": buyer["id"], "lines": lines, "paid": True, "minutes_ago": minutes_ago}
        order: dict[str, Any] = await self.say("POST", "orders", **wish, tell=tell)
        return order

    async def has_receipt(self, order: dict[str, Any]) -> bool:
        async with self.stack.sandbox() as sandbox:
            found = await sandbox.get(f"/control/engage/receipts?receiptNumber={order['name'].lstrip('#')}")
        return len(found.json()["receipts"]) == 1

    async def topics(self) -> set[str]:
        """What the shop sends here."""
        return {one["topic"] for one in (await self.say("GET", "subscriptions"))["subscriptions"]}

    async def ask(self, path: str, **parameters: Any) -> Any:
        async with self.stack.api() as api:
            answer = await api.get(path, params={"shop": self.domain, **parameters})
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def silence(self, **parameters: Any) -> list[dict[str, Any]]:
        """The alerts of the shop's silences."""
        found: list[dict[str, Any]] = (await self.ask("/alerts", rule="order-silence", **parameters))[
            "alerts"
        ]
        return found

    async def detail(self, alert_id: str) -> dict[str, Any]:
        async with self.stack.api() as api:
            answer = await api.get(f"/alerts/{alert_id}")
        assert answer.status_code == 200, answer.text
        return dict(answer.json()["alert"])

    async def proofs(self) -> list[dict[str, Any]]:
        """What the shop said of its silences, the newest first."""
        found: list[dict[str, Any]] = (await self.ask("/alerts/proofs"))["proofs"]
        return found

    async def has_mails(self, count: int) -> bool:
        return len(await self.mails()) >= count

    @asynccontextmanager
    async def mail_is_away(self) -> AsyncIterator[None]:
        """Meanwhile the mail server puts everything off."""
        await self._refuse(refuse=True)
        try:
            yield
        finally:
            await self._refuse(refuse=False)

    async def _refuse(self, *, refuse: bool) -> None:
        async with self.stack.mail() as mail:
            (await mail.put("/trouble", json={"refuse": refuse})).raise_for_status()

    async def is_away(self, alert_id: str) -> bool:
        """It fires still, but what it tells of is over."""
        rows = await self.stack.fetch(
            "SELECT 1 FROM alerts.alerts WHERE id = $1::text::uuid AND clear_since IS NOT NULL", alert_id
        )
        return bool(rows)

    async def mails(self) -> list[dict[str, Any]]:
        """Those that its owner got."""
        async with self.stack.mail() as mail:
            messages = (await mail.get("/messages")).json()["messages"]
        return [one for one in messages if self.address in one["to"]]

    async def change(self, statement: str, *arguments: object) -> None:
        """Runs a statement whose $1 is the shop."""
        (row,) = await self.stack.fetch("SELECT id FROM store.shops WHERE domain = $1", self.domain)
        await self.stack.fetch(statement, row["id"], *arguments)

    async def is_counted(self) -> bool:
        """The log knows of an order that was synced."""
        query = (
            "SELECT 1 FROM ledger.task_counts_by_minute c JOIN store.shops s ON s.id = c.shop_id "
            "WHERE s.domain = $1 AND c.type = 'SyncOrderNotification' AND c.state = 'succeeded'"
        )
        return bool(await self.stack.fetch(query, self.domain))

    async def passes(self, length: timedelta) -> None:
        """So much time passes in which the shop is silent."""
        for statement in _OLDER:
            await self.change(statement, length)

    async def wants(self, **settings: Any) -> None:
        async with self.stack.api() as api:
            answer = await api.put(
                "/alerts/settings", params={"shop": self.domain}, json={"settings": settings}
            )
        assert answer.status_code == 200, answer.text


async def watched(stack: Stack) -> Watched:
    """It sends its webhooks, has a CRM, and nothing but alerting would notice that an order is missing."""
    name = f"watched-{uuid.uuid4().hex[:8]}"
    domain, token, secret = f"{name}.myshopify.com", uuid.uuid4().hex, uuid.uuid4().hex
    url, address = stack.facts["sandbox_url"], f"owner@{name}.example"
    async with stack.sandbox() as sandbox:
        opened = await sandbox.put(f"/control/shops/{domain}", json={"secret": secret, "access_token": token})
        opened.raise_for_status()
    owner = ("--name", "Watched Goods", "--email", address, "--webhook-secret", secret)
    await stack.cli("shops", "add", "--domain", domain, *owner)
    key = json.loads((stack.data / "secrets.json").read_text())["engage_api_key"]
    engage = ("--kind", "engage", "--name", "CRM", "--base-url", f"{url}/engage", "--api-key", key)
    shopify = ("--kind", "shopify", "--name", "Shop", "--base-url", f"{url}/shopify/{domain}")
    rules = ("--setting", f"schedules={json.dumps(OFF)}", "--setting", "poll_grace_s=0")
    await stack.cli("accounts", "add", "--shop", domain, *engage, "--setting", "store_external_id=ecom")
    await stack.cli("accounts", "add", "--shop", domain, *shopify, "--access-token", token, *rules)
    return Watched(stack, domain, address)
