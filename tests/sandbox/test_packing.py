"""Shipping software: it packs what waits anywhere, signs what it reports, and has second thoughts."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import httpx
import orjson
import pytest

from ingest.signatures import message_signer, signed_message
from sandbox.app import build_app
from sandbox.packing.benches import Waiting
from sandbox.packing.packer import DEFAULT_SECRET, Packer
from sandbox.world import build_world
from shared.shipments.message import Message, read_message
from shared.shipments.parcels import Parcel, Void
from tests.sandbox.conftest import SHOP_DOMAIN, settings_for
from tests.sandbox.running import Receiver, served
from tests.waiting import eventually


@pytest.fixture
async def outside(receiver: Receiver) -> AsyncIterator[httpx.AsyncClient]:
    async with (
        served(build_app(settings_for(receiver.url, amazon_orders=1, ebay_orders=1))) as url,
        httpx.AsyncClient(base_url=f"{url}/control", trust_env=False, verify=False) as client,
    ):
        yield client


def _read(body: Any) -> Message:
    return read_message(orjson.dumps(body), received_at=datetime.now(UTC))


async def _send(outside: httpx.AsyncClient, **report: Any) -> list[dict[str, Any]]:
    answer = await outside.post("/packing/send", json=report)
    assert answer.status_code == 200, answer.text
    sent: list[dict[str, Any]] = answer.json()["sent"]
    return sent


async def test_every_order_that_waits_is_packed_once(outside: httpx.AsyncClient, receiver: Receiver) -> None:
    lines = [{"sku": "SL-001", "quantity": 2}]
    order = (await outside.post("/shop/orders", json={"lines": lines, "paid": True})).json()
    await outside.post("/shop/orders", json={"lines": lines, "paid": False})
    sent = [one["body"] for one in await _send(outside, count=12)]
    reports = [_read(body) for body in sent if body is not None]
    packed = {str(report.order) for report in reports}
    assert len(packed) == 3
    assert f"'{order['name']}'" in packed
    assert sent[-1] is None


async def test_a_report_is_signed_for_the_shops_door(outside: httpx.AsyncClient, receiver: Receiver) -> None:
    await _send(outside, body={"order": {"number": "1"}, "packages": []}, times=2)
    first, second = [taken for taken in receiver.requests if taken.path == f"/shipments/{SHOP_DOMAIN}"]
    headers = first.headers
    message = signed_message(headers["webhook-id"], headers["webhook-timestamp"], first.body)
    secrets, now = [DEFAULT_SECRET.encode()], datetime.now(UTC)
    signed_at = headers["webhook-timestamp"]
    assert message_signer(message, headers["webhook-signature"], secrets, signed_at=signed_at, now=now) == 0
    assert (first.body, headers["webhook-id"]) == (second.body, second.headers["webhook-id"])


async def test_it_reports_by_itself_at_its_own_pace(outside: httpx.AsyncClient, receiver: Receiver) -> None:
    changed = await outside.patch("/packing", json={"every_s": 0.05})
    assert changed.status_code == 200
    await eventually(lambda: any(taken.path.startswith("/shipments/") for taken in receiver.requests))
    assert (await outside.patch("/packing", json={"every_s": -1})).status_code == 422


def test_all_it_says_can_be_read_and_adds_up() -> None:
    orders = [Waiting((("id", str(number)),), (("11", 3), ("12", 1))) for number in range(300)]
    packer = Packer("shop", rng=Random("adding up"), benches=[lambda: orders])
    units: dict[str, int] = {}
    kinds = set()
    while (body := packer.next()) is not None or packer.later:
        report = _read(body or packer.later.popleft())
        assert report.faults == ()
        for package in report.packages:
            kinds.add((type(package), len(report.packages)))
            key = f"{report.order} {report.shipment_id} {package.id}"
            if isinstance(package, Parcel):
                units[key] = sum(item.quantity for item in package.items)
    by_order: dict[str, int] = {}
    for key, count in units.items():
        by_order[key.split("' ")[0]] = by_order.get(key.split("' ")[0], 0) + count
    assert set(by_order.values()) == {4}
    assert kinds >= {(Parcel, 1), (Parcel, 2), (Void, 1)}


def test_buyers_at_marketplaces_have_orders_nobody_had_before() -> None:
    first, second = (
        build_world(settings_for("http://127.0.0.1:9", amazon_orders=2, ebay_orders=2)) for _ in "12"
    )
    for world in (first, second):
        world.sales.buyers[0](timedelta())
    amazon = [set(world.amazon.by_name["first"].orders) for world in (first, second)]
    ebay = [set(world.ebay.by_name["first"].orders) for world in (first, second)]
    assert [len(orders) for orders in (*amazon, *ebay)] == [3, 3, 2, 2]
    assert amazon[0].isdisjoint(amazon[1])
    assert ebay[0].isdisjoint(ebay[1])
