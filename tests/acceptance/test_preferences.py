"""Consent in the shop and preferences in the CRM follow each other, and no change goes round in circles."""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest

from tests.acceptance.promises import broken_promises
from tests.acceptance.stack import Stack
from tests.waiting import until

pytestmark = pytest.mark.acceptance

TASKS = "SELECT type, state, note FROM ledger.tasks WHERE source_id = ANY($1::text[]) ORDER BY task_id"


@dataclass(frozen=True)
class Both:
    """One person: a customer of the sandbox's shop and a contact of its CRM."""

    stack: Stack
    customer_id: str
    contact_id: str

    async def consent(self, channel: str = "email") -> str:
        async with self.stack.sandbox() as sandbox:
            customer = (await sandbox.get(f"/control/shop/customers/{self.customer_id}")).json()
        return str(customer[f"{channel}_marketing_consent"]["state"])

    async def accepts(self, name: str = "acceptsEmail") -> bool:
        return (await _contact(self.stack, self.customer_id))["preferences"][name] is True

    async def tasks(self, *types: str) -> list[dict[str, Any]]:
        """All tasks about the person, or those of some types."""
        found = await self.stack.fetch(TASKS, [self.customer_id, self.contact_id])
        return [task for task in found if not types or task["type"] in types]

    async def ended(self, task_type: str, count: int) -> list[dict[str, Any]]:
        """The tasks of a type, once there are so many and all tasks about the person are over."""

        async def are_over() -> bool:
            everything = await self.tasks()
            mine = [task for task in everything if task["type"] == task_type]
            return len(mine) >= count and all(task["state"] in ("succeeded", "failed") for task in everything)

        await until(are_over, "all tasks are over")
        return await self.tasks(task_type)

    async def writes_to_shop(self) -> int:
        return await self._requests("/control/shop/requests", "ConsentUpdate", f"Customer/{self.customer_id}")

    async def writes_to_crm(self) -> int:
        return await self._requests(
            "/control/engage/requests", f"/contacts/{self.contact_id}/preferences/", ""
        )

    async def _requests(self, path: str, *words: str) -> int:
        async with self.stack.sandbox() as sandbox:
            answer = (await sandbox.get(f"{path}?limit=5000")).json()
        return sum(all(word in str(request) for word in words) for request in answer["requests"])

    async def change_in_shop(self, **consents: str) -> None:
        async with self.stack.sandbox() as sandbox:
            answer = await sandbox.patch(f"/control/shop/customers/{self.customer_id}", json=consents)
        answer.raise_for_status()

    async def change_in_crm(self, **preferences: bool) -> None:
        async with self.stack.sandbox() as sandbox:
            path = f"/control/engage/contacts/{self.contact_id}/preferences"
            (await sandbox.post(path, json=preferences)).raise_for_status()


async def _contact(stack: Stack, customer_id: str) -> dict[str, Any]:
    async with stack.sandbox() as sandbox:
        found = (await sandbox.get(f"/control/engage/contacts?externalId={customer_id}")).json()["contacts"]
    return dict(found[0]) if found else {}


@pytest.fixture
async def person(shared_stack: Stack) -> Both:
    """A customer the shop has told of, and who has become a contact."""
    number = f"+4670{uuid4().int % 10**7:07}"
    fields = {"first_name": "Kim", "email": f"kim.{uuid4().hex[:8]}@example.com", "phone": number}
    async with shared_stack.sandbox() as sandbox:
        customer = (await sandbox.post("/control/shop/customers", json=fields)).raise_for_status().json()
    customer_id = str(customer["id"])

    async def is_contact() -> bool:
        return bool(await _contact(shared_stack, customer_id))

    await until(is_contact, "the customer is a contact")
    both = Both(shared_stack, customer_id, str((await _contact(shared_stack, customer_id))["id"]))
    await both.ended("SyncContact", 1)
    return both


async def test_a_consent_in_the_shop_reaches_the_crm_and_ends_there(person: Both) -> None:
    await person.change_in_shop(email_consent="subscribed")
    (update,) = await person.ended("UpdateCustomerMarketingPreferences", 1)
    assert update["state"] == "succeeded"
    assert await person.accepts()
    (echo,) = await person.ended("ContactWebhook", 1)
    assert "Nothing has changed" in echo["note"]
    assert await person.tasks("SyncCustomerMarketingPreferences") == []
    assert (await person.writes_to_crm(), await person.writes_to_shop()) == (1, 0)


async def test_a_preference_in_the_crm_reaches_the_shop_and_ends_there(person: Both) -> None:
    before = len(await person.tasks("CustomerWebhook"))
    await person.change_in_crm(acceptsSms=True)
    (written,) = await person.ended("SyncCustomerMarketingPreferences", 1)
    assert written["state"] == "succeeded"
    assert await person.consent("sms") == "subscribed"
    await person.ended("CustomerWebhook", before + 2)  # the shop tells of the consent and of the customer
    assert await person.tasks("UpdateCustomerMarketingPreferences") == []
    assert (await person.writes_to_crm(), await person.writes_to_shop()) == (0, 1)


async def test_a_mind_changed_on_both_sides_ends_where_it_was_changed_last(person: Both) -> None:
    await person.change_in_shop(email_consent="subscribed")
    await person.ended("ContactWebhook", 1)
    await person.change_in_crm(acceptsEmail=False)
    await person.ended("SyncCustomerMarketingPreferences", 1)
    assert (await person.consent(), await person.accepts()) == ("unsubscribed", False)
    assert (await person.writes_to_crm(), await person.writes_to_shop()) == (1, 1)


async def test_tags_are_stored_in_the_shop_s_own_deltas(person: Both) -> None:
    async with person.stack.sandbox() as sandbox:
        for tags in (["vip", "web"], ["vip"]):
            path = f"/control/shop/customers/{person.customer_id}"
            (await sandbox.patch(path, json={"tags": tags})).raise_for_status()
    query = "SELECT tags FROM store.customers WHERE source_id = $1"

    async def are_merged() -> bool:
        (row,) = await person.stack.fetch(query, person.customer_id)
        return bool(row["tags"] == ["vip"])

    await until(are_merged, "the tags are stored")


async def test_an_encrypted_event_fails_with_a_reason(person: Both) -> None:
    event = {"event": "contact.acceptsEmail.changed", "encrypted": True}
    async with person.stack.sandbox() as sandbox:
        (await sandbox.post("/control/engage/webhooks/send", json=event)).raise_for_status()
    query = (
        "SELECT error_message, remedy FROM ledger.tasks WHERE type = 'ContactWebhook' AND state = 'failed'"
    )

    async def has_failed() -> bool:
        return bool(await person.stack.fetch(query))

    await until(has_failed, "the task has failed")
    (failed, *_) = await person.stack.fetch(query)
    assert "encrypted" in failed["error_message"]
    assert failed["remedy"]
    assert await broken_promises(person.stack) == {}
