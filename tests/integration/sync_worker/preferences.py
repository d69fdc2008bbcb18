"""Consent in the shop and preferences in the CRM, for the tests of both directions."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import asyncpg
import httpx
import orjson

from shared.envelope import Payload
from shared.tasks import TaskType
from tests.integration.sync_worker.world import API_KEY, Done, World, delivery

SHOP = "sandbox-outdoor.myshopify.com"
TOKEN = "sandbox-shopify-token"
UPDATE = TaskType.UPDATE_CUSTOMER_MARKETING_PREFERENCES
SYNC = TaskType.SYNC_CUSTOMER_MARKETING_PREFERENCES
EMAIL_TOPIC = "customers_email_marketing_consent/update"
SMS_TOPIC = "customers_marketing_consent/update"
ACCEPTS_EMAIL = "contact.acceptsEmail.changed"
ACCEPTS_SMS = "contact.acceptsSms.changed"


@dataclass(frozen=True)
class Parties:
    """A customer of the sandbox's shop, and the contact it is (or becomes) in the sandbox's CRM."""

    world: World
    url: str
    shopify_account_id: int
    customer_id: int

    async def shop_customer(self) -> dict[str, Any]:
        answer = await self.world.control.get(f"/shop/customers/{self.customer_id}")
        customer: dict[str, Any] = answer.raise_for_status().json()
        return customer

    async def wish(self, **consents: str) -> None:
        """The customer changes its mind in the shop; the shop's webhooks are ours to deliver."""
        change = await self.world.control.patch(
            f"/shop/customers/{self.customer_id}", json={**consents, "tell": False}
        )
        change.raise_for_status()

    async def told(self, topic: str, body: dict[str, Any], *, triggered_at: str | None = None) -> Done:
        """One of the shop's webhooks and the indexing it causes."""
        received = await self.world.run(
            TaskType.CUSTOMER_WEBHOOK, delivery(topic, body, triggered_at=triggered_at)
        )
        (index,) = received.follow_ups
        return await self.world.follow(index)

    async def consented(self, state: str, *, at: str | None = None, topic: str = EMAIL_TOPIC) -> Done:
        return await self.told(topic, self.consent_body(state, at=at, topic=topic))

    def consent_body(self, state: str, *, at: str | None, topic: str) -> dict[str, Any]:
        consent = {"state": state, "opt_in_level": "single_opt_in", "consent_updated_at": at or now()}
        if topic == EMAIL_TOPIC:
            return {
                "customer_id": self.customer_id,
                "email_address": "kim@example.com",
                "email_marketing_consent": consent,
            }
        return {"id": self.customer_id, "phone": "+46700000000", "sms_marketing_consent": consent}

    async def event(
        self,
        contact_id: str,
        event_type: str = ACCEPTS_EMAIL,
        *,
        sent_at: datetime | None = None,
        **changes: Any,
    ) -> Done:
        """One of the CRM's webhooks."""
        body = {
            "eventId": "9f0d", "eventType": event_type, "isEncrypted": False, "tenant": "acme",
            "payload": {"contactId": contact_id},
        }  # fmt: skip
        seconds = int((sent_at or datetime.now(UTC)).timestamp())
        payload = Payload(
            body=orjson.dumps(body | changes),
            topic=event_type,
            headers={"webhook-id": "msg_1", "webhook-timestamp": str(seconds)},
        )
        return await self.world.run(TaskType.CONTACT_WEBHOOK, payload, account_id=self.world.account_id)

    async def chain(self, done: Done) -> list[Done]:
        """Everything that a task causes, to the end."""
        ended = []
        for follow_up in done.follow_ups:
            caused = await self.world.follow(follow_up)
            ended += [caused, *(await self.chain(caused) if caused.outcome else [])]
        return ended

    async def set_in_crm(self, contact_id: str, name: str, value: bool) -> None:
        """Somebody else changes a preference of the contact."""
        headers = {"apikey": API_KEY, "User-Agent": "x/1"}
        async with httpx.AsyncClient(trust_env=False, headers=headers) as client:
            path = f"{self.url}/engage/api/v2/contacts/{contact_id}/preferences/{name}"
            (await client.post(path, json={"value": value})).raise_for_status()

    async def contact(self) -> dict[str, Any]:
        (contact,) = await self.world.contacts()
        return contact

    async def row(self) -> asyncpg.Record:
        return await self.world.customer_row(self.customer_id)


async def parties_of(world: World, url: str) -> Parties:
    """The world's shop gets its account at the sandbox's Admin API, and a customer there."""
    account_id = await world.pool.fetchval(
        "INSERT INTO store.accounts (shop_id, kind, name, base_url, credentials) "
        "VALUES ($1, 'shopify', 'Shop', $2, $3) RETURNING id",
        world.shop_id,
        f"{url}/shopify/{SHOP}",
        world.vault.seal(orjson.dumps({"access_token": TOKEN})),
    )
    made = await world.control.post(
        "/shop/customers",
        json={"first_name": "Kim", "email": "kim@example.com", "phone": "+46700000000", "tell": False},
    )
    return Parties(world, url, account_id, int(made.raise_for_status().json()["id"]))


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
