"""Suppliers in both styles: catalogues by page, orders placed once, states that move on."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from sandbox.supplier.catalogue import Catalogue
from sandbox.supplier.house import Supplier
from sandbox.supplier.orders import Item, Stage
from sandbox.supplier.terms import FIRST, Style, Terms

RECIPIENT = {"name": "Kim Åberg", "email": "kim@example.com"}
SMALL = {"products": 120, "version": 0, "growth": 5, "invalid_every": 0, "out_of_stock": [], "step_s": None}


@dataclass
class Caller:
    """Speaks to one supplier; `control` steers it."""

    api: httpx.AsyncClient
    control: httpx.AsyncClient


async def _caller(url: str, name: str, headers: dict[str, str]) -> AsyncIterator[Caller]:
    async with (
        httpx.AsyncClient(base_url=f"{url}/supplier/{name}", headers=headers, verify=False) as api,
        httpx.AsyncClient(base_url=f"{url}/control/supplier/{name}", verify=False) as control,
    ):
        await control.delete("/orders")
        assert (await control.patch("/terms", json=SMALL)).status_code == 200
        yield Caller(api, control)


@pytest.fixture
async def gate(shared_sandbox_url: str, control: httpx.AsyncClient) -> AsyncIterator[Caller]:
    headers = {"Authorization": "Bearer sandbox-supplier-token"}
    async for caller in _caller(shared_sandbox_url, "gate4cards", headers):
        yield caller


@pytest.fixture
async def trinavo(shared_sandbox_url: str, control: httpx.AsyncClient) -> AsyncIterator[Caller]:
    headers = {"X-API-Key": "sandbox-supplier-token", "X-API-Token": "sandbox-supplier-token-2"}
    async for caller in _caller(shared_sandbox_url, "trinavo", headers):
        yield caller


async def gate_catalogue(gate: Caller, limit: int = 50) -> list[Any]:
    items: list[Any] = []
    cursor: str | None = ""
    while cursor is not None:
        page = (await gate.api.get("/api/v1/catalog", params={"limit": limit, "cursor": cursor})).json()
        items += page["items"]
        cursor = page["nextCursor"]
    return items


def gate_order(po: str, sku: str = "G4C-000001", quantity: int = 1) -> dict[str, Any]:
    return {"poNumber": po, "lines": [{"sku": sku, "quantity": quantity}], "recipient": RECIPIENT}


def trinavo_order(reference: str, code: str = "TRI-000001") -> dict[str, Any]:
    return {"reference": reference, "rows": [{"code": code, "count": 1}], "ship_to": RECIPIENT}


async def test_a_catalogue_is_read_by_cursor(gate: Caller) -> None:
    items = await gate_catalogue(gate)
    assert [item["sku"] for item in items] == [f"G4C-{number:06}" for number in range(1, 121)]
    assert all(float(item["price"]["amount"]) >= 5 for item in items)
    assert any(item["available"] == 0 for item in items)
    assert (await gate.api.get("/api/v1/catalog", params={"cursor": "x"})).status_code == 400
    assert (await gate.api.get("/api/v1/catalog", params={"limit": 5_000})).status_code == 400


async def test_a_catalogue_is_read_by_page_number_with_other_names_and_dates(trinavo: Caller) -> None:
    first = (await trinavo.api.get("/shop/products.json", params={"page": 1, "per_page": 50})).json()
    assert first["meta"] == {"page": 1, "per_page": 50, "pages": 3, "total": 120}
    last = (await trinavo.api.get("/shop/products.json", params={"page": 3, "per_page": 50})).json()
    assert len(last["data"]) == 20
    beyond = (await trinavo.api.get("/shop/products.json", params={"page": 4, "per_page": 50})).json()
    assert beyond["data"] == []
    row = first["data"][0]
    assert isinstance(row["price_cents"], int)
    assert datetime.strptime(row["modified"], "%d/%m/%Y %H:%M:%S").replace(tzinfo=UTC).year == 2026


async def test_each_style_wants_its_own_keys(gate: Caller, trinavo: Caller) -> None:
    assert (await gate.api.get("/api/v1/catalog", headers={"Authorization": "Bearer no"})).status_code == 401
    assert (await trinavo.api.get("/shop/products.json", headers={"X-API-Key": "no"})).status_code == 401
    assert (await trinavo.api.get("/shop/products.json", headers={"X-API-Token": "no"})).status_code == 403


async def test_a_new_version_changes_a_share_brings_new_ones_and_leaves_the_rest(gate: Caller) -> None:
    before = {item["sku"]: item for item in await gate_catalogue(gate)}
    await gate.control.patch("/terms", json={"version": 1, "change_rate": 0.2})
    after = {item["sku"]: item for item in await gate_catalogue(gate)}
    told = (await gate.control.get("/expectation", params={"since": 0})).json()
    changed = [sku for sku in before if before[sku] != after[sku]]
    assert told["updated"] == len(changed)
    assert 5 < len(changed) < 50
    assert told["created"] == len(after) - len(before) == 5
    assert told["unchanged"] == len(before) - len(changed)
    await gate.control.patch("/terms", json={"version": 0})
    assert {item["sku"]: item for item in await gate_catalogue(gate)} == before


async def test_broken_products_come_on_demand_in_both_styles(gate: Caller, trinavo: Caller) -> None:
    for caller, path in ((gate, "/api/v1/catalog"), (trinavo, "/shop/products.json")):
        await caller.control.patch("/terms", json={"invalid_every": 10})
        page = (await caller.api.get(path, params={"limit": 120, "per_page": 120})).json()
        rows = page.get("items") or page["data"]
        broken = [row for row in rows if not _is_whole(row)]
        assert len(broken) == (await caller.control.get("/expectation")).json()["invalid"] == 12
        assert None in broken


def _is_whole(row: Any) -> bool:
    if not row:
        return False
    price = row.get("price_cents", (row.get("price") or {}) if "price" in row else None)
    amount = price.get("amount") if isinstance(price, dict) else price
    stock = row.get("available", row.get("qty_available"))
    numbers = isinstance(stock, int) and stock >= 0 and amount is not None and amount != "on request"
    return bool(row.get("sku", row.get("code"))) and numbers


async def test_the_same_po_number_is_one_order_and_a_conflict(gate: Caller) -> None:
    placed = await gate.api.post("/api/v1/orders", json=gate_order("1042"))
    assert (placed.status_code, placed.json()["status"]) == (201, "PENDING")
    again = await gate.api.post("/api/v1/orders", json=gate_order("1042"))
    assert again.status_code == 409
    assert again.json()["error"]["orderId"] == placed.json()["orderId"]
    (order,) = (await gate.control.get("/orders")).json()["orders"]
    assert (order["po_number"], order["times_received"]) == ("1042", 2)
    found = (await gate.api.get("/api/v1/orders", params={"poNumber": "1042"})).json()["items"]
    assert [one["orderId"] for one in found] == [placed.json()["orderId"]]


async def test_the_same_reference_is_one_order_and_a_success(trinavo: Caller) -> None:
    placed = (await trinavo.api.post("/shop/purchase-orders", json=trinavo_order("1042"))).json()
    again = await trinavo.api.post("/shop/purchase-orders", json=trinavo_order("1042"))
    assert (again.status_code, again.json()["repeated"]) == (200, True)
    assert again.json()["data"]["number"] == placed["data"]["number"]


async def test_an_answer_that_never_came_left_an_order(gate: Caller, control: httpx.AsyncClient) -> None:
    rule = {"system": "supplier", "route": "POST /gate4cards/api/v1/orders", "times": 1}
    await control.put("/faults", json=[{**rule, "fault": "reset_after_effect"}])
    with pytest.raises(httpx.TransportError):
        await gate.api.post("/api/v1/orders", json=gate_order("1042"))
    assert (await gate.api.post("/api/v1/orders", json=gate_order("1042"))).status_code == 409


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"poNumber": ""}, 400, "INVALID"),
        ({"lines": []}, 400, "INVALID"),
        ({"lines": [{"sku": "G4C-000001"}]}, 400, "INVALID"),
        ({"recipient": None}, 400, "INVALID"),
        ({"lines": [{"sku": "X-1", "quantity": 1}]}, 422, "UNKNOWN_SKU"),
        ({"lines": [{"sku": "G4C-000001", "quantity": 9_999}]}, 422, "OUT_OF_STOCK"),
    ],
)
async def test_what_cannot_be_delivered_is_refused(
    gate: Caller, change: dict[str, Any], status: int, code: str
) -> None:
    refused = await gate.api.post("/api/v1/orders", json={**gate_order("1"), **change})
    assert (refused.status_code, refused.json()["error"]["code"]) == (status, code)
    assert (await gate.control.get("/orders")).json()["count"] == 0


async def test_a_product_can_be_sold_out_on_demand(trinavo: Caller) -> None:
    await trinavo.control.patch("/terms", json={"out_of_stock": ["TRI-000001"]})
    refused = await trinavo.api.post("/shop/purchase-orders", json=trinavo_order("1"))
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (400, "out_of_stock")


async def test_orders_move_on_when_told_with_tracking_and_dates(gate: Caller, trinavo: Caller) -> None:
    await gate.api.post("/api/v1/orders", json=gate_order("1042"))
    await gate.control.post("/orders/1042/move", json={"stage": "shipped", "tracking_number": "RR1NL"})
    (order,) = (await gate.api.get("/api/v1/orders")).json()["items"]
    assert (order["status"], order["shipments"][0]["trackingNumber"]) == ("SHIPPED", "RR1NL")
    assert order["estimatedDelivery"] > order["createdAt"][:10]
    await trinavo.api.post("/shop/purchase-orders", json=trinavo_order("1042"))
    rows = []
    for _ in range(3):
        await trinavo.control.post("/orders/*/move")
        rows += (await trinavo.api.get("/shop/purchase-orders.json")).json()["data"]
    assert [row["state"] for row in rows] == ["picking", "sent", "delivered"]
    assert rows[1]["tracking"]["number"] == rows[2]["tracking"]["number"]
    assert rows[2]["delivered"]


async def test_only_what_changed_since_is_listed(gate: Caller) -> None:
    for po in ("1", "2", "3"):
        await gate.api.post("/api/v1/orders", json=gate_order(po))
    await asyncio.sleep(0.01)
    since = datetime.now(UTC).isoformat()
    await gate.control.post("/orders/2/move")
    changed = (await gate.api.get("/api/v1/orders", params={"updatedSince": since})).json()["items"]
    assert [order["poNumber"] for order in changed] == ["2"]


async def test_an_order_is_cancelled_until_it_has_been_sent(gate: Caller, trinavo: Caller) -> None:
    placed = (await gate.api.post("/api/v1/orders", json=gate_order("1"))).json()["orderId"]
    cancelled = await gate.api.post(f"/api/v1/orders/{placed}/cancel")
    assert (cancelled.status_code, cancelled.json()["status"]) == (200, "CANCELLED")
    sent = (await trinavo.api.post("/shop/purchase-orders", json=trinavo_order("1"))).json()["data"]
    await trinavo.control.post("/orders/*/move", json={"stage": "shipped"})
    assert (await trinavo.api.delete(f"/shop/purchase-orders/{sent['number']}")).status_code == 409
    assert (await gate.api.get("/api/v1/orders/ORD-1")).status_code == 404


async def test_another_supplier_is_agreed_on(shared_sandbox_url: str, control: httpx.AsyncClient) -> None:
    terms = {"style": "keys", "prefix": "THI", "products": 3}
    made = await control.patch("/supplier/third/terms", json=terms)
    assert made.status_code == 201
    headers = {"X-API-Key": "sandbox-supplier-token", "X-API-Token": "sandbox-supplier-token-2"}
    async with httpx.AsyncClient(base_url=shared_sandbox_url, headers=headers) as api:
        assert (await api.get("/supplier/third/shop/products.json")).json()["meta"]["total"] == 3
        assert (await api.get("/supplier/nobody/shop/products.json")).status_code == 404


async def test_requests_are_kept_by_supplier_without_keys(gate: Caller) -> None:
    await gate.api.get("/api/v1/catalog", params={"limit": 1})
    newest = (await gate.control.get("/requests")).json()["requests"][0]
    assert newest["path"] == "/gate4cards/api/v1/catalog"
    assert "authorization" not in newest["headers"]


def test_orders_move_on_with_time() -> None:
    now = [datetime(2026, 11, 20, tzinfo=UTC)]
    terms = FIRST["gate4cards"].model_copy(update={"step_s": 10.0})
    supplier = Supplier("timed", terms, clock=lambda: now[0])
    order = supplier.place("1", [Item("G4C-000001", 1)], RECIPIENT)
    stages = []
    for _ in range(5):
        stages.append(supplier.find(order.number).stage)
        now[0] += timedelta(seconds=10)
    expected = [Stage.PENDING, Stage.PROCESSING, Stage.SHIPPED, Stage.DELIVERED, Stage.DELIVERED]
    assert stages == expected
    assert order.shipped_at == datetime(2026, 11, 20, 0, 0, 20, tzinfo=UTC)


def test_a_catalogue_of_a_hundred_thousand_is_made_piece_by_piece() -> None:
    catalogue = Catalogue(Terms(style=Style.BEARER, prefix="G4C", version=3))
    assert len(catalogue) == 100_060
    assert len({product.sku for product in catalogue.slice(99_950, 200)}) == 110
    assert catalogue.by_sku("G4C-100060") is not None
    assert catalogue.by_sku("G4C-100061") is None
    newest = catalogue.at(100_059)
    assert newest.changed_in == 3
