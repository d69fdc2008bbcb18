"""What is noted when all is quiet: the log, what the shop sent, what the CRM holds, what log files tell."""

import json
import re
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from tests.chaos import history as told
from tests.chaos.history import Facts, History

Fetch = Callable[[str], Awaitable[list[dict[str, Any]]]]

TRANSITIONS = """
    SELECT task_id::text, attempt, state, service, header->>'type' AS type,
        (header->>'shop_id')::bigint AS shop_id, coalesce((header->>'account_id')::bigint, 0) AS account_id,
        header->>'parent_id' AS parent_id, header->>'delivery_key' AS delivery_key,
        header->>'source_id' AS source_id, occurred_at::text, recorded_at::text,
        coalesce(detail->'follow_ups', '[]') AS follow_ups, detail->>'note' AS note
    FROM ledger.task_events ORDER BY recorded_at
"""
TASKS = """
    SELECT task_id::text, type, state, attempt, error_kind, error_message, remedy, error_place, fingerprint
    FROM ledger.tasks
"""
COUNTERS = "SELECT shop_id, type, account_id, state, n FROM ledger.task_counts WHERE n <> 0"
# One statement sees one moment, while some task or other is always under way.
LOG = " UNION ALL ".join(
    f"SELECT '{kind}' AS kind, to_jsonb(one)::text AS facts FROM ({query}) AS one"
    for kind, query in ((told.TRANSITION, TRANSITIONS), (told.TASK, TASKS), (told.COUNTER, COUNTERS))
)
ORDERS = """
    SELECT source_id AS id, deleted_at IS NOT NULL AS deleted, data->>'name' AS name,
        data->>'financial_status' AS financial_status, data->>'fulfillment_status' AS fulfillment_status,
        data->>'cancelled_at' IS NOT NULL AS cancelled
    FROM store.orders
"""
CUSTOMERS = """
    SELECT source_id AS id, deleted_at IS NOT NULL AS deleted, data->>'email' AS email,
        data->>'first_name' AS first_name, data->>'last_name' AS last_name
    FROM store.customers
"""
_ORDER_STATE = ("name", "financial_status", "fulfillment_status")
_CUSTOMER_STATE = ("email", "first_name", "last_name")
_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")


async def note_log(history: History, fetch: Fetch) -> None:
    """Every transition, and what the projection and the counters made of them at the same moment."""
    for row in await fetch(LOG):
        history.note(row["kind"], **json.loads(row["facts"]))


async def note_store(history: History, fetch: Fetch) -> None:
    """The states of orders and customers that the product takes for the newest."""
    for thing, query in (("order", ORDERS), ("customer", CUSTOMERS)):
        for row in await fetch(query):
            history.note(told.HELD, thing=thing, id=row.pop("id"), state=_comparable(row))


def note_sent(history: History, burst: Mapping[str, Any], now: Mapping[str, Facts]) -> None:
    """What the shop was told to have been taken, and what has to be known for it.

    `now`: its orders by id as they are, whoever changed them: what is written back changes them, too.
    """
    told_of, refused = burst["expectation"], set(burst["failed_for_good"])
    orders = {order_id: now.get(order_id, facts) for order_id, facts in told_of["orders"].items()}
    expectation = {**told_of, "orders": orders}
    for webhook_id in expectation["webhook_ids"]:
        if webhook_id not in refused:
            history.note(told.DELIVERED, key=f"shopify:webhook:{webhook_id}")
    for thing, identity, state in _expected(expectation):
        history.note(told.EXPECTED, thing=thing, id=identity, state=_comparable(state))


def _expected(expectation: Mapping[str, Any]) -> Iterator[tuple[str, str, Facts]]:
    for order_id, facts in expectation["orders"].items():
        state = {name: facts[name] for name in _ORDER_STATE}
        yield "order", order_id, {**state, "cancelled": facts["cancelled_at"] is not None, "deleted": False}
    for order_id in expectation["deleted_orders"]:
        yield "order", order_id, {"deleted": True}
    for customer_id, facts in expectation["customers"].items():
        state = {} if facts["deleted"] else {name: facts[name] for name in _CUSTOMER_STATE}
        yield "customer", customer_id, {**state, "deleted": facts["deleted"]}
    for order_id in expectation["paid_orders"]:
        yield "receipt", f"shopify-{order_id}", {}


def note_crm(history: History, receipts: Iterable[Facts], orders: Mapping[str, Any], counts: Facts) -> None:
    """What the CRM did, and how often it was made to do the same."""
    for receipt in receipts:
        identity, changed = receipt["uniqueReceiptId"], sorted(receipt["differing_fields"])
        history.note(told.HELD, thing="receipt", id=identity, state={})
        history.note(told.EFFECT, party="crm", id=f"receipt {identity}", times=1, changed=changed)
    for identity, times in _mails(orders["orders"]).items():
        history.note(told.EFFECT, party="crm", id=f"order mail {identity}", times=times, changed=[])
    for accident in ("stores_created_by_accident", "fields_blanked"):
        history.note(told.EFFECT, party="crm", id=accident, times=counts[accident] + 1, changed=[])


def note_parcels(history: History, party: str, times_told: Mapping[str, int]) -> None:
    """How many fulfilments of a shop or marketplace bear each tracking number."""
    for number, times in times_told.items():
        history.note(told.EFFECT, party=party, id=f"parcel {number}", times=times, changed=[])


def sent_of(orders: Iterable[Facts]) -> Counter[str]:
    """The tracking numbers of a shop's fulfilments; a package of several locations is one of each."""
    sent = (one for order in orders for one in order["fulfillments"])
    return Counter(
        f"{number} from {one['location_id']}" for one in sent for number in one["tracking_numbers"]
    )


def parcels_of(orders: Iterable[Facts]) -> Counter[str]:
    """The tracking numbers that Amazon ("packages") or eBay ("parcels") know of their orders."""
    packages = (one["tracking_number"] for order in orders for one in order.get("packages", ()))
    parcels = (one["number"] for order in orders for one in order.get("parcels", ()))
    return Counter([*packages, *parcels])


def _mails(orders: Iterable[Facts]) -> dict[str, int]:
    """An order may be refunded in parts: each moves its state anew."""
    times: dict[str, int] = {}
    for order in orders:
        moved = order["statusChangedDate"] if "Refunded" in order["orderStatus"] else ""
        identity = f"{order['orderNumber']} {order['orderStatus']} {order['paymentStatus']} {moved}".strip()
        times[identity] = times.get(identity, 0) + 1
    return times


def note_leaks(history: History, logs: Iterable[Path], secrets: Iterable[str], people: Iterable[str]) -> None:
    """Lines of log files that hold a secret or a customer's address."""
    hidden, known = tuple(secrets), frozenset(people)
    for path in sorted(logs):
        with path.open(encoding="utf-8", errors="replace") as lines:
            for number, line in enumerate(lines, 1):
                if what := leaked(line, hidden, known):
                    history.note(told.LEAK, file=path.name, line=number, of=what)


def leaked(line: str, secrets: Iterable[str], people: frozenset[str]) -> str | None:
    """What the line should not tell; never the thing itself."""
    if any(secret in line for secret in secrets):
        return "a secret"
    return "an address" if people & {found.lower() for found in _ADDRESS.findall(line)} else None


def _comparable(state: Mapping[str, Any]) -> Facts:
    """As it is told by whoever tells it: what is empty is left out, and so is all but that of the deleted."""
    if state.get("deleted"):
        return {"deleted": True}
    return {name: value for name, value in state.items() if value not in (None, "", False)}
