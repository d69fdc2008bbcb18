"""A supplier that is asked for several orders at once, by their references."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
import respx

from shared.accounts import Account
from shared.clients.http import RecordedHttp, build_http_client
from shared.suppliers.settings import SupplierCredentials, SupplierSettings
from shared.suppliers.vocabulary import OrderStatus
from sync_worker.suppliers.exchange import Exchange
from sync_worker.suppliers.http_supplier import HttpSupplier

EXAMPLE = Path(__file__).parents[3] / "docs" / "suppliers" / "gate4cards.json"


class _AtOnce:
    async def wait(self) -> None:
        """No pace."""


@pytest.fixture
async def supplier() -> AsyncIterator[HttpSupplier]:
    settings: dict[str, Any] = orjson.loads(EXAMPLE.read_bytes())
    settings["format"]["get_orders"] = {
        "by": "references",
        "path": "/orders",
        "query": {"view": "short"},
        "parameter": "ids",
        "separator": "|",
        "most": 3,
        "items": "orders[]",
    }
    account = Account(
        1,
        "Gate",
        "http://supplier.example",
        SupplierSettings.model_validate(settings),
        SupplierCredentials(token="t"),
    )
    async with build_http_client(connections=1, read_timeout_s=1) as client:
        http = RecordedHttp(client, api="Supplier")
        yield HttpSupplier(Exchange(account, http, _AtOnce()))  # type: ignore[arg-type]


@respx.mock
async def test_references_are_asked_for_together(supplier: HttpSupplier) -> None:
    found = {"orders": [{"orderId": "A", "status": "SHIPPED"}, {"orderId": "B", "status": "?"}]}
    route = respx.get("http://supplier.example/orders").mock(return_value=httpx.Response(200, json=found))
    page = await supplier.get_orders(["A", "B", "C"])
    assert supplier.most_references == 3
    assert dict(route.calls[0].request.url.params) == {"view": "short", "ids": "A|B|C"}
    assert route.calls[0].request.headers["authorization"] == "Bearer t"
    assert [(order.reference, order.status) for order in page.orders] == [("A", OrderStatus.SHIPPED)]
    assert [item.id for item in page.bad] == ["B"]
