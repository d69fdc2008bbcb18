"""A signed webhook goes in; the CRM gets the contact or the receipt; the API tells the whole story."""

import asyncio
from typing import Any

import httpx
import pytest

from tests.acceptance.promises import broken_promises
from tests.acceptance.shop import customer, deliver, paid_order
from tests.acceptance.stack import Stack
from tests.waiting import eventually

pytestmark = pytest.mark.acceptance

PATIENCE_S = 30
BIG_ID = 9_007_199_254_740_993


async def _story(api: httpx.AsyncClient, task_id: str) -> list[dict[str, Any]]:
    """The task and all its follow-ups, once all of them are over."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            found = await _with_follow_ups(api, task_id)
            if found and all(task["state"] in ("succeeded", "failed") for task in found):
                return found
            await asyncio.sleep(0.2)


async def _with_follow_ups(api: httpx.AsyncClient, task_id: str) -> list[dict[str, Any]]:
    answer = await api.get(f"/tasks/{task_id}")
    if answer.status_code == 404:
        return []
    task = answer.json()["task"]
    found = [task]
    for follow_up in task["follow_ups"]:
        found += await _with_follow_ups(api, follow_up["id"]) or [{"state": "unrecorded"}]
    return found


async def test_a_customer_becomes_a_contact_and_every_step_is_told(shared_stack: Stack) -> None:
    body = customer(BIG_ID)
    accepted = await deliver(shared_stack, "customers/create", body)
    task_id = accepted.json()["task_id"]
    async with shared_stack.api() as api:
        story = await _story(api, task_id)
        events = (await api.get(f"/tasks/{task_id}/events")).json()["events"]
        received = (await api.get(f"/tasks/{task_id}/payloads")).json()["payloads"]
        calls = (await api.get(f"/tasks/{story[-1]['id']}/payloads")).json()["payloads"]

    assert [task["type"] for task in story] == ["CustomerWebhook", "IndexCustomer", "SyncContact"]
    assert {task["state"] for task in story} == {"succeeded"}
    assert {task["source_id"] for task in story} == {str(BIG_ID)}
    assert [event["state"] for event in events] == ["queued", "processing", "succeeded"]
    assert received[0]["received"]["body"].encode() == body
    created = next(call for call in calls if call["meta"].get("method") == "POST")
    assert f"kim.{BIG_ID}@example.com" in created["sent"]["body"]
    assert "apikey" not in str(created["meta"]).lower().replace("apikey removed", "")
    async with shared_stack.sandbox() as sandbox:
        contacts = (await sandbox.get(f"/control/engage/contacts?externalId={BIG_ID}")).json()["contacts"]
    assert [contact["id"] for contact in contacts] == [story[-1]["target_id"]]


async def test_a_paid_order_becomes_one_receipt_and_one_notification(shared_stack: Stack) -> None:
    accepted = await deliver(shared_stack, "orders/paid", paid_order(5_523_001_122_334))
    async with shared_stack.api() as api:
        story = await _story(api, accepted.json()["task_id"])
        timeline = (await api.get("/orders/5523001122334/timeline")).json()
        tree = (await api.get(f"/tasks/{story[-1]['id']}/tree")).json()["tasks"]
        found = (await api.get("/tasks", params={"q": "5523001122334"})).json()["tasks"]
    assert [step["stage"] for step in timeline["steps"]] == ["webhook", "index", "CRM", "CRM"]
    assert timeline["steps"][0]["what"] == "The shop told of the order (orders/paid)"
    assert timeline["steps"][0]["transitions"][0]["by"] == "ingest"
    assert {node["task"]["id"] for node in tree} == {task["id"] for task in found}
    assert {task["id"] for task in found} == {task["id"] for task in story}
    assert sorted(task["type"] for task in story) == [
        "IndexOrder",
        "OrderWebhook",
        "SyncOrder",
        "SyncOrderNotification",
    ]
    assert {task["state"] for task in story} == {"succeeded"}
    async with shared_stack.sandbox() as sandbox:
        receipts = (await sandbox.get("/control/engage/receipts?receiptNumber=5523001122334")).json()[
            "receipts"
        ]
    assert [receipt["receipt"]["totalGrossPrice"] for receipt in receipts] == [450.0]
    assert [receipt["times_received"] for receipt in receipts] == [1]


async def test_the_same_delivery_twice_runs_once(shared_stack: Stack) -> None:
    body = paid_order(5_523_001_122_400)
    first = await deliver(shared_stack, "orders/paid", body, webhook_id="twice")
    second = await deliver(shared_stack, "orders/paid", body, webhook_id="twice")
    task_ids = {first.json()["task_id"], second.json()["task_id"]}
    async with shared_stack.api() as api:
        for task_id in task_ids:
            await _story(api, task_id)
    async with shared_stack.sandbox() as sandbox:
        receipts = (await sandbox.get("/control/engage/receipts?receiptNumber=5523001122400")).json()[
            "receipts"
        ]
    assert [receipt["times_received"] for receipt in receipts] == [1]


@pytest.mark.parametrize(
    ("topic", "body", "words"),
    [
        ("orders/create", b"{not json", "JSON"),
        ("customers/update", b'{"email": "a@example.com"}', "id"),
    ],
)
async def test_a_signed_body_nobody_can_use_becomes_a_failed_task_with_its_bytes(
    shared_stack: Stack, topic: str, body: bytes, words: str
) -> None:
    accepted = await deliver(shared_stack, topic, body)
    assert accepted.status_code == 200
    async with shared_stack.api() as api:
        (task,) = await _story(api, accepted.json()["task_id"])
        payloads = (await api.get(f"/tasks/{task['id']}/payloads")).json()["payloads"]
    assert task["state"] == "failed"
    assert words in task["error"]["message"]
    assert task["error"]["remedy"]
    assert payloads[0]["received"]["body"].encode() == body


async def test_older_news_never_overwrites_newer_and_the_deleted_stays_deleted(shared_stack: Stack) -> None:
    customer_id = 7_001
    states = [
        ("customers/update", customer(customer_id, first_name="New", updated_at="2026-11-20T10:00:05+01:00")),
        ("customers/update", customer(customer_id, first_name="Old", updated_at="2026-11-20T10:00:01+01:00")),
        ("customers/delete", b'{"id": 7001, "admin_graphql_api_id": "gid://shopify/Customer/7001"}'),
        (
            "customers/update",
            customer(customer_id, first_name="Late", updated_at="2026-11-20T10:00:09+01:00"),
        ),
    ]
    notes = []
    async with shared_stack.api() as api:
        for topic, body in states:
            accepted = await deliver(shared_stack, topic, body)
            notes.append((await _story(api, accepted.json()["task_id"]))[-1])
    assert [task["type"] for task in notes] == [
        "SyncContact",
        "IndexCustomer",
        "IndexCustomer",
        "IndexCustomer",
    ]
    async with shared_stack.sandbox() as sandbox:
        contacts = (await sandbox.get(f"/control/engage/contacts?externalId={customer_id}")).json()[
            "contacts"
        ]
    assert [contact["firstName"] for contact in contacts] == ["New"]


async def test_the_statistics_and_the_list_agree_with_the_log(shared_stack: Stack) -> None:
    await deliver(shared_stack, "customers/create", customer(7_100))
    await shared_stack.wait_until_quiet(tasks=1, timeout_s=PATIENCE_S)
    async with shared_stack.api() as api:

        async def agree() -> bool:
            """What runs by the clock may end between the two questions."""
            stats = (await api.get("/stats")).json()["all_tasks"]
            rows = await shared_stack.fetch("SELECT state, count(*) AS n FROM ledger.tasks GROUP BY 1")
            counted = {row["state"]: row["n"] for row in rows}
            wanted = (counted["succeeded"], counted.get("failed", 0))
            return (stats["succeeded_24h"], stats["failed_24h"]) == wanted

        await eventually(agree, PATIENCE_S)
    assert await broken_promises(shared_stack) == {}
