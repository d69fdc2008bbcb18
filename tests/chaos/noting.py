"""Asks everybody what there is to tell, once all is quiet."""

import json

import httpx

from tests.acceptance.stack import Stack
from tests.chaos import gathering, messages
from tests.chaos.asking import ask
from tests.chaos.history import Facts, History
from tests.chaos.scene import Scene, insistently

SELLER = "first"  # what the sandbox calls those of the demo shop
MOST_ORDERS = 100_000


async def note_all(scene: Scene, sandbox: httpx.AsyncClient, burst: Facts) -> None:
    """What the log says, what others hold, and what log files tell."""
    history, stack = scene.history, scene.stack
    await _note_shop(history, sandbox, burst)
    await insistently(lambda: gathering.note_log(history, stack.fetch))
    await insistently(lambda: gathering.note_store(history, stack.fetch))
    await _note_crm(history, sandbox)
    for market in ("amazon", "ebay"):
        told = await ask(sandbox, f"{market}/{SELLER}/orders")
        gathering.note_parcels(history, market, gathering.parcels_of(told["orders"]))
    await messages.note_dead_letters(scene)
    logs = (stack.data / "logs").glob("*.log")
    gathering.note_leaks(history, logs, _secrets(stack), _people(burst))


async def _note_shop(history: History, sandbox: httpx.AsyncClient, burst: Facts) -> None:
    orders = (await ask(sandbox, f"shop/orders?limit={MOST_ORDERS}"))["orders"]
    gathering.note_sent(history, burst, {str(order["id"]): order for order in orders})
    gathering.note_parcels(history, "shop", gathering.sent_of(orders))


async def _note_crm(history: History, sandbox: httpx.AsyncClient) -> None:
    receipts = (await ask(sandbox, "engage/receipts"))["receipts"]
    orders, counts = await ask(sandbox, "engage/orders"), await ask(sandbox, "engage/counts")
    gathering.note_crm(history, receipts, orders, counts)


def _secrets(stack: Stack) -> list[str]:
    kept = json.loads((stack.data / "secrets.json").read_text())
    return [secret for value in kept.values() for secret in ([value] if isinstance(value, str) else value)]


def _people(burst: Facts) -> set[str]:
    customers = burst["expectation"]["customers"].values()
    return {customer["email"].lower() for customer in customers if customer.get("email")}
