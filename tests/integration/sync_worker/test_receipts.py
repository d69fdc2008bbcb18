"""A paid order becomes exactly one receipt, whatever the CRM does meanwhile."""

from typing import Any

import orjson
import pytest

from shared.errors import Misconfigured, Obsolete, Rejected, Retryable, UnknownOutcome
from shared.identity import new_task_id
from shared.tasks import TaskType
from tests.integration.sync_worker.world import Done, World, once
from tests.unit.sync_worker.bodies import CUSTOMER_ID, ORDER_ID, customer_body, line_body, order_body

RECEIPTS, STORES, CREATE = "POST /api/v3/receipts", "GET /api/v3/stores", "POST /api/v3/contacts"
LATER = "2026-11-20T18:00:00+01:00"


async def send(world: World, **changes: Any) -> Done:
    """The order as it is now, sent to the CRM as a receipt."""
    await world.deliver("orders/updated", order_body(**changes))
    return await again(world)


async def again(world: World, **task: Any) -> Done:
    return await world.sync(TaskType.SYNC_ORDER, ORDER_ID, **task)


async def test_a_paid_order_of_a_new_customer_makes_contact_and_receipt(world: World) -> None:
    done = await send(world)
    assert [done.requests[0], *done.requests[-2:]] == [STORES, CREATE, RECEIPTS]
    (receipt,) = await world.receipts()
    (contact,) = await world.contacts()
    assert receipt["contactId"] == contact["id"]
    assert receipt["receipt"]["totalGrossPrice"] == 450
    assert contact["externalId"] == str(CUSTOMER_ID)
    assert done.outcome is not None
    assert done.outcome.target_id == f"shopify-{ORDER_ID}"


async def test_the_contact_of_a_synced_customer_needs_no_lookup(world: World) -> None:
    await world.deliver("customers/create", customer_body())
    await world.sync(TaskType.SYNC_CONTACT, CUSTOMER_ID)
    assert (await send(world)).requests == [STORES, RECEIPTS]


async def test_an_existing_contact_is_found_and_left_as_it_is(world: World) -> None:
    theirs = await world.create_contact(email="kim@example.com", firstName="Kimberly")
    await send(world)
    (receipt,) = await world.receipts()
    (contact,) = await world.contacts()
    assert receipt["contactId"] == theirs
    assert "externalId" not in contact


async def test_a_contact_with_another_email_is_matched_by_what_the_crm_knows(world: World) -> None:
    theirs = await world.create_contact(externalId=str(CUSTOMER_ID), email="old@example.com")
    await send(world)
    (receipt,) = await world.receipts()
    assert (receipt["contactId"], receipt["receipt"]["contact"]["matchKey"]) == (theirs, "old@example.com")


async def test_a_contact_deleted_in_the_crm_is_made_again(world: World) -> None:
    await world.deliver("customers/create", customer_body())
    await world.sync(TaskType.SYNC_CONTACT, CUSTOMER_ID)
    (contact,) = await world.contacts()
    await world.delete_contact(contact["id"])
    done = await send(world)
    assert done.requests[1] == RECEIPTS
    assert done.requests[-1] == RECEIPTS
    assert len(await world.receipts()) == 1


@pytest.mark.parametrize(
    ("status", "note"),
    [
        ("pending", "No receipt is due: the order is pending"),
        ("voided", "No receipt is due: the order is voided"),
    ],
)
async def test_no_receipt_before_the_order_is_paid(world: World, status: str, note: str) -> None:
    done = await send(world, financial_status=status)
    assert (done.note, done.calls) == (note, [])


async def test_an_order_of_nobody_is_left_with_a_note(world: World) -> None:
    done = await send(world, customer=None, email=None)
    assert "belongs to no contact" in (done.note or "")
    assert done.calls == []


async def test_a_later_state_of_the_order_sends_nothing_again(world: World) -> None:
    first = await send(world)
    done = await send(world, updated_at=LATER, fulfillment_status="fulfilled")
    assert done.note == f"Nothing was sent: this receipt was already sent by task {first.task.id}"
    assert done.calls == []


async def test_a_persons_retry_sends_it_again_and_the_crm_ignores_it(world: World) -> None:
    await send(world)
    done = await again(world, retry_of=new_task_id())
    assert done.requests[-1] == RECEIPTS
    (receipt,) = await world.receipts()
    assert (receipt["times_received"], receipt["times_different"]) == (2, 0)


@pytest.mark.parametrize(
    "fault", ["reset_before", "reset_after_effect", "slow", "server_error", "unavailable"]
)
async def test_after_an_unknown_outcome_it_is_simply_repeated(world: World, fault: str) -> None:
    await world.faults(once(RECEIPTS, fault))
    first = await send(world)
    assert isinstance(first.error, Retryable)
    assert not isinstance(first.error, UnknownOutcome)
    assert (await again(world, id=first.task.id, is_uncertain=True)).error is None
    (receipt,) = await world.receipts()
    assert receipt["times_different"] == 0


async def test_a_garbled_body_of_a_success_is_a_success(world: World) -> None:
    await world.faults({"route": RECEIPTS, "fault": "malformed", "times": 1})
    assert (await send(world)).error is None


async def test_an_unknown_store_is_never_created_by_accident(world: World) -> None:
    await world.set_account(settings={"store_external_id": "ecom-typo"})
    done = await send(world)
    assert isinstance(done.error, Misconfigured)
    assert done.error.kind == "configuration"
    assert "no store 'ecom-typo'" in done.error.message
    assert done.requests == [STORES]
    assert (await world.counts())["stores_created_by_accident"] == 0


async def test_a_missing_store_setting_is_named(world: World) -> None:
    await world.set_account(settings={})
    done = await send(world)
    assert isinstance(done.error, Misconfigured)
    assert "The setting 'store_external_id'" in done.error.message


async def test_a_garbled_list_of_stores_is_retried(world: World) -> None:
    await world.faults({"route": STORES, "fault": "malformed", "times": 1})
    done = await send(world)
    assert isinstance(done.error, Retryable)
    assert done.error.kind == "malformed_answer"
    assert (await again(world)).requests[0] == STORES


async def test_the_stores_are_asked_for_once(world: World) -> None:
    await send(world)
    await world.deliver("orders/paid", order_body(id=7, name="#7"))
    assert STORES not in (await world.sync(TaskType.SYNC_ORDER, 7)).requests


async def test_a_store_that_was_listed_lately_is_not_asked_for(world: World) -> None:
    await world.run(TaskType.INDEX_STORES, account_id=world.account_id)
    assert STORES not in (await send(world)).requests


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE store.crm_stores SET indexed_at = now() - interval '2 hours'",
        "UPDATE store.accounts SET updated_at = now() + interval '1 second'",
        "DELETE FROM store.crm_stores",
    ],
    ids=["listed long ago", "the account was changed since", "not listed"],
)
async def test_a_list_that_may_be_wrong_is_not_relied_on(world: World, change: str) -> None:
    await world.run(TaskType.INDEX_STORES, account_id=world.account_id)
    await world.pool.execute(change)
    assert STORES in (await send(world)).requests


@pytest.mark.parametrize("currency", ["JPY", "KWD", "EUR"])
async def test_the_crm_takes_receipts_of_every_currency(world: World, currency: str) -> None:
    lines = [
        line_body(id=n, price="33.3333", quantity=3, current_quantity=3, tax_lines=[]) for n in (1, 2, 3)
    ]
    done = await send(world, currency=currency, line_items=lines, taxes_included=False)
    assert done.error is None
    sent = orjson.loads(done.calls[-1].request_body)
    assert sent["totalGrossPrice"] == pytest.approx(sum(item["grossPaidPrice"] for item in sent["items"]))


async def test_data_the_crm_refuses_is_rejected_in_its_own_words(world: World) -> None:
    done = await send(world, customer=None, email="kim-at-example")
    assert isinstance(done.error, Rejected)
    assert "Engage refused the data (400)" in done.error.message


async def test_an_order_deleted_meanwhile_is_obsolete(world: World) -> None:
    await world.deliver("orders/create", order_body())
    await world.deliver("orders/delete", {"id": ORDER_ID})
    done = await again(world)
    assert isinstance(done.error, Obsolete)
    assert done.error.message == "The order was deleted in the shop"
