"""Messages of shipping software on a real Postgres: the rows they make, and the write-backs that follow."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from shared.db.pool import open_pool
from shared.errors import Rejected, Retryable
from shared.handling import Outcome
from shared.shipments.writing_back import shipment_of
from shared.tasks import TaskType
from tests.integration.writeback.receiving import Desk, message, package
from writeback.handlers.received import receive_shipment


@pytest.fixture
async def desk(database_url: str) -> AsyncIterator[Desk]:
    async with await open_pool(database_url, max_size=6) as pool:
        shop_id: int = await pool.fetchval(
            "INSERT INTO store.shops (domain, name, email, data_key) "
            "VALUES ('acme.example', 'Acme', 'a@x', '') RETURNING id"
        )
        yield Desk(pool, shop_id)


@pytest.fixture
async def shop(desk: Desk) -> Desk:
    """With an account and an order of two tents and ten pegs."""
    await desk.account()
    await desk.own_order()
    return desk


def _changes(outcome: Outcome) -> dict[str, str]:
    assert outcome.summary is not None
    return {one["package"]: one["change"] for one in outcome.summary["packages"]}


async def test_a_package_becomes_a_row_and_a_write_back(desk: Desk) -> None:
    account_id = await desk.account(retry_policy="linear-three")
    await desk.own_order()
    outcome = await desk.receive(message(package(tracking_url="https://ups.example/1", service="Ground")))
    row = await desk.row()
    assert (row["account_id"], row["order_id"], row["order_number"]) == (account_id, "5523", "#1042")
    assert (row["shipment_id"], row["package_number"], row["label"]) == ("S-1", 1, "L-P1")
    assert (row["carrier"], row["service"], row["tracking_numbers"]) == ("UPS", "Ground", ["1Z-P1"])
    assert (row["state"], row["version"], row["told_version"]) == ("pending", 1, 0)
    assert row["items"] == [{"id": "11", "sku": "TENT", "quantity": 1}]
    [follow_up] = outcome.follow_ups
    assert follow_up.type is TaskType.WRITEBACK_SHIPMENT
    assert (follow_up.account_id, follow_up.source_id) == (account_id, "5523")
    assert (follow_up.order_number, follow_up.retry_policy) == ("#1042", "linear-three")
    assert shipment_of(follow_up.payload) == row["id"]
    assert follow_up.id == row["task_id"]


async def test_the_order_knows_how_many_units_it_asks_for(shop: Desk) -> None:
    await shop.receive(message(package(), package("P2", sku="PEG", units=4)))
    standing = await shop.standing()
    assert (standing["ordered"], standing["pending"], standing["state"]) == (12, 2, "pending")


async def test_partial_shipments_are_counted_on_and_nothing_is_sent_twice(shop: Desk) -> None:
    await shop.receive(message(package()))
    await shop.receive(message(package(), shipment_id="S-2"))
    with pytest.raises(Rejected, match=r"package 'P1': items.0.quantity is 1, but 0 of SKU 'TENT' are left"):
        await shop.receive(message(package(), shipment_id="S-3"))
    assert [row["package_number"] for row in await shop.rows()] == [1, 2]


async def test_what_is_valid_goes_on_and_what_is_not_is_named(shop: Desk) -> None:
    outcome = await shop.receive(
        message(package(), package("P2", label=""), package("P3", sku="STOVE"), package("P4", carrier=None))
    )
    assert (outcome.items_processed, outcome.items_failed, outcome.items_total) == (1, 3, 4)
    assert outcome.summary is not None
    named = {(one["package"], one["field"]) for one in outcome.summary["refused"]}
    assert named == {("P2", "label"), ("P3", "items.0.sku"), ("P4", "carrier")}
    assert "3 of the packages were refused" in (outcome.note or "")
    assert [row["package_id"] for row in await shop.rows()] == ["P1"]


async def test_a_correction_is_told_once_and_forgets_earlier_trouble(shop: Desk) -> None:
    await shop.receive(message(package()))
    before = await shop.row()
    await shop.is_told(before["id"], "failed")
    await shop.pool.execute("UPDATE store.shipments SET error_count = 5, error_message = 'no'")
    outcome = await shop.receive(message(package(tracking_number="1Z-NEW")))
    after = await shop.row()
    assert _changes(outcome) == {"P1": "corrected"}
    assert (after["id"], after["version"], after["told_version"]) == (before["id"], 2, 1)
    assert (after["state"], after["tracking_numbers"]) == ("pending", ["1Z-NEW"])
    assert (after["error_count"], after["error_message"]) == (0, None)
    assert [follow_up.id for follow_up in outcome.follow_ups] == [after["task_id"]]
    again = await shop.receive(message(package(tracking_number="1Z-NEW")))
    assert (again.follow_ups, _changes(again)) == ((), {"P1": "unchanged"})
    assert again.note == "All of this was reported before; nothing was done"


async def test_a_package_is_taken_back_and_its_units_are_free_again(shop: Desk) -> None:
    await shop.receive(message(package(units=2)))
    outcome = await shop.receive(message({"id": "P1", "void": True}, package("P2", units=2)))
    assert _changes(outcome) == {"P1": "voided", "P2": "new"}
    assert len(outcome.follow_ups) == 2
    taken_back = await shop.row("P1")
    assert (taken_back["is_void"], taken_back["version"], taken_back["state"]) == (True, 2, "pending")
    assert (await shop.row("P2"))["package_number"] == 2


async def test_an_older_message_that_comes_later_changes_nothing(shop: Desk) -> None:
    early = shop.run(message(package(tracking_number="1Z-OLD")))
    await shop.receive(message(package(tracking_number="1Z-NEW")))
    outcome = await receive_shipment(early)
    await early.end(commit=True)
    assert _changes(outcome) == {"P1": "outdated"}
    assert (await shop.row())["tracking_numbers"] == ["1Z-NEW"]


async def test_an_order_that_is_not_known_yet_is_waited_for(desk: Desk) -> None:
    await desk.account()
    with pytest.raises(Retryable, match="order '1042' is not known here yet") as caught:
        await desk.receive(message(package()))
    assert caught.value.kind == "awaited"
    await desk.own_order()
    assert (await desk.receive(message(package()))).items_processed == 1


async def test_taking_back_what_was_never_reported_waits_for_the_report(shop: Desk) -> None:
    with pytest.raises(Retryable, match="never reported: 'P9'"):
        await shop.receive(message({"id": "P9", "void": True}))
    outcome = await shop.receive(message(package(), {"id": "P9", "void": True}))
    [write_back, later] = outcome.follow_ups
    assert (write_back.type, later.type) == (TaskType.WRITEBACK_SHIPMENT, TaskType.SHIPMENT_RECEIVED)
    await shop.receive(message(package("P9")))
    run = shop.run(message())
    run.payload = later.payload
    assert _changes(await receive_shipment(run)) == {"P9": "voided"}
    await run.end(commit=True)


@pytest.mark.parametrize(
    "reference", [{"id": "902-1"}, {"number": "902-1"}, {"number": "902-1", "account": "amazon eu"}]
)
async def test_orders_of_marketplaces_are_found_too(desk: Desk, reference: dict[str, str]) -> None:
    amazon = await desk.account("amazon", "Amazon EU")
    await desk.marketplace_order(amazon, "902-1")
    [follow_up] = (await desk.receive(message(package(), order=reference))).follow_ups
    assert (follow_up.account_id, follow_up.source_id) == (amazon, "902-1")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"number": "1042"}, r"several accounts: 'Shop' \(shopify\), 'Amazon EU' \(amazon\)"),
        ({"number": "1042", "account": "Nobody"}, "no account 'Nobody'"),
        ({"number": "7"}, "order was cancelled in the shop"),
        ({"id": "902-7"}, "order is not for the merchant to ship"),
        ({"id": "woocommerce-x-1"}, "order did not come from Shopify"),
        ({"id": "5600"}, "order was deleted in the shop"),
    ],
)
async def test_an_order_nobody_can_be_told_of_is_refused(
    desk: Desk, changes: dict[str, str], words: str
) -> None:
    await desk.account()
    amazon = await desk.account("amazon", "Amazon EU")
    await desk.own_order()
    await desk.marketplace_order(amazon, "1042")
    await desk.marketplace_order(amazon, "902-7", is_shippable=False)
    await desk.own_order("#7", "5524", cancelled_at="2026-01-01T00:00:00Z")
    await desk.own_order("#8", "woocommerce-x-1")
    await desk.pool.execute(
        "INSERT INTO store.orders (shop_id, source_id, deleted_at) VALUES ($1, '5600', now())", desk.shop_id
    )
    with pytest.raises(Rejected, match=words):
        await desk.receive(message(package(), order=changes))
    assert await desk.rows() == []


async def test_a_shop_without_an_account_of_its_own_is_told_to_add_one(desk: Desk) -> None:
    await desk.own_order()
    with pytest.raises(Rejected, match="no Shopify account") as caught:
        await desk.receive(message(package()))
    assert caught.value.kind == "configuration"


async def test_one_shipment_of_two_orders_is_kept_for_each(shop: Desk) -> None:
    await shop.own_order("#1043", "5524")
    await shop.receive(message(package()))
    await shop.receive(message(package(), order={"number": "#1043"}))
    assert [(row["order_id"], row["package_number"]) for row in await shop.rows()] == [
        ("5523", 1),
        ("5524", 1),
    ]


async def test_a_message_repeated_without_a_shipment_id_makes_no_second_shipment(shop: Desk) -> None:
    body: dict[str, Any] = message(package())
    del body["shipment_id"]
    first, second = await shop.receive(body), await shop.receive(body)
    assert first.source_id == second.source_id
    assert _changes(second) == {"P1": "unchanged"}


async def test_a_task_whose_bytes_are_no_message_fails_and_says_so(shop: Desk) -> None:
    with pytest.raises(Rejected, match="Refused: packages is missing"):
        await shop.receive({"order": {"number": "1042"}})


async def test_messages_of_one_order_at_once_share_its_units_and_numbers(shop: Desk) -> None:
    async def one(number: int) -> Outcome | BaseException:
        try:
            return await shop.receive(
                message(package(f"P{number}", sku="PEG", units=3), shipment_id=f"S-{number}")
            )
        except Rejected as refused:
            return refused

    outcomes = await asyncio.gather(*(one(number) for number in range(5)))
    assert sum(isinstance(outcome, Outcome) for outcome in outcomes) == 3
    assert [row["package_number"] for row in await shop.rows()] == [1, 2, 3]
    assert (await shop.standing())["pending"] == 3
