"""What the law asks for, through the front door: told, forgotten, let go."""

import base64
import json
import uuid
from typing import Any

import httpx
import pytest

from tests.acceptance.importing import Merchant, merchant
from tests.acceptance.shop import customer, deliver, paid_order
from tests.acceptance.stack import Stack
from tests.waiting import until

pytestmark = pytest.mark.acceptance


def _request(person: int, *orders: int, **changes: Any) -> bytes:
    body = {
        "shop_id": 954889,
        "shop_domain": "any.myshopify.com",
        "customer": {"id": person, "email": f"kim.{person}@example.com", "phone": None},
        "orders_to_redact": orders,
    }
    return json.dumps(body | changes).encode()


async def _tell(shop: Merchant, topic: str, body: bytes) -> str:
    answer = await deliver(shop.stack, topic, body, shop=shop.shop)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["task_id"])


async def _requests(stack: Stack, task_id: str) -> list[dict[str, Any]]:
    async with stack.api() as api:
        found = (await api.get("/privacy-requests", params={"limit": 500})).json()["requests"]
    return [one for one in found if one["task_id"] == task_id]


async def _done(stack: Stack, task_id: str) -> dict[str, Any]:
    """The request a task made, once it is done."""

    async def is_done() -> bool:
        return any(one["state"] == "done" for one in await _requests(stack, task_id))

    await until(is_done, "the request is done")
    (found,) = await _requests(stack, task_id)
    return found


async def _bodies(stack: Stack, api: httpx.AsyncClient, shop: Merchant) -> str:
    """Every body that anybody with a token can still read of the shop's tasks."""
    tasks = await shop.fetch("SELECT task_id::text AS id FROM ledger.tasks WHERE shop_id = $1")
    answers = [(await api.get(f"/tasks/{task['id']}/payloads")).text for task in tasks]
    return "\n".join(answers)


async def test_a_customer_is_told_what_is_held_and_then_forgotten(shared_stack: Stack) -> None:
    shop, kim, lou = await merchant(shared_stack), 7_700_000_000_001, 7_700_000_000_002
    order = 8_800_000_000_001
    created = await _tell(shop, "customers/create", customer(kim))
    other = await _tell(shop, "customers/create", customer(lou, first_name="Lou"))
    paid = paid_order(order, customer=json.loads(customer(kim)), email=f"kim.{kim}@example.com")
    await shop.quiet(created, other, await _tell(shop, "orders/paid", paid))

    found = await _done(shared_stack, await _tell(shop, "customers/data_request", _request(kim)))
    async with shared_stack.api() as api:
        document = (await api.get(f"/privacy-requests/{found['id']}/export")).json()
        assert document["customer"]["data"]["email"] == f"kim.{kim}@example.com"
        assert [one["source_id"] for one in document["orders"]] == [str(order)]
        assert str(lou) not in json.dumps(document)

        assert f"kim.{kim}@example.com" in await _bodies(shared_stack, api, shop)
        erased = await _done(shared_stack, await _tell(shop, "customers/redact", _request(kim, order)))
        await shop.quiet()
        left = await _bodies(shared_stack, api, shop)
    assert (erased["summary"]["customers"], erased["summary"]["orders"]) == (1, 1)
    ended = set(await shop.tasks())
    assert {("CustomersDataRequest", "succeeded"), ("CustomersRedact", "succeeded")} <= ended
    assert erased["summary"]["exchanges"] >= 5
    assert f"kim.{kim}@example.com" not in left
    assert f"kim.{lou}@example.com" in left
    people = await shop.fetch("SELECT source_id, data FROM store.customers WHERE shop_id = $1 ORDER BY 1")
    assert [(row["source_id"], row["data"] is None) for row in people] == [
        (str(kim), True),
        (str(lou), False),
    ]
    (sold,) = await shop.fetch("SELECT data, customer_id FROM store.orders WHERE shop_id = $1")
    assert (f"kim.{kim}" in sold["data"], sold["customer_id"]) == (False, None)
    logs = "".join(path.read_text() for path in (shared_stack.data / "logs").glob("*.log"))
    assert f"kim.{kim}@example.com" not in logs
    assert base64.b64encode(f"kim.{kim}@example.com".encode()).decode() not in logs


async def test_a_shop_nobody_knows_is_answered_and_noted(shared_stack: Stack) -> None:
    stranger = {
        "domain": f"nobody-{uuid.uuid4().hex[:8]}.myshopify.com",
        "webhook_secret": shared_stack.facts["demo_shop"]["webhook_secret"],
    }
    for topic in ("customers/data_request", "customers/redact", "shop/redact"):
        answer = await deliver(shared_stack, topic, _request(1), shop=stranger)
        assert answer.status_code == 200, answer.text
        found = await _done(shared_stack, answer.json()["task_id"])
        assert found["shop"] == stranger["domain"]
    refused = await deliver(shared_stack, "shop/redact", b"{}", shop=stranger | {"webhook_secret": "guessed"})
    assert refused.status_code == 401


async def test_an_uninstalled_shop_is_let_go_and_two_days_later_erased(shared_stack: Stack) -> None:
    shop = await merchant(shared_stack)
    await shop.say("PUT", "volume", customers=4, orders=4)
    assert (await shop.ended(await shop.begun()))["state"] == "finished"
    await shop.quiet()
    await shop.quiet(await _tell(shop, "customers/create", customer(9_900_000_000_001)))
    await shop.say("POST", "uninstall")

    async def is_let_go() -> bool:
        (row,) = await shared_stack.fetch("SELECT is_active FROM store.shops WHERE domain = $1", shop.domain)
        return not row["is_active"]

    await until(is_let_go, "the shop is let go")
    accounts = await shop.fetch("SELECT credentials, is_active FROM store.accounts WHERE shop_id = $1")
    vault = shared_stack.vault()
    assert [(vault.open(row["credentials"]), row["is_active"]) for row in accounts] == [(b"{}", False)] * 2
    assert (await shop.begin()).status_code == 409

    found = await _done(shared_stack, await _tell(shop, "shop/redact", _request(1)))
    assert found["summary"]["customers"] == 5
    assert {("AppUninstalled", "succeeded"), ("ShopRedact", "succeeded")} <= set(await shop.tasks())
    for table in ("customers", "orders", "refunds", "imports", "receipts"):
        assert await shop.fetch(f"SELECT 1 FROM store.{table} WHERE shop_id = $1") == []
    async with shared_stack.api() as api:
        left = await _bodies(shared_stack, api, shop)
    assert "example.com" not in left
    assert "9900000000001" not in left.replace('"source_id"', "")


async def test_a_shop_that_came_back_keeps_its_data(shared_stack: Stack) -> None:
    shop = await merchant(shared_stack)
    await shop.quiet(await _tell(shop, "customers/create", customer(9_900_000_000_002)))
    await _done(shared_stack, await _tell(shop, "shop/redact", _request(1)))
    assert len(await shop.fetch("SELECT 1 FROM store.customers WHERE shop_id = $1 AND data IS NOT NULL")) == 1
