"""Each status of an order reaches the CRM at most once: it mails the customer every time."""

from typing import Any

import pytest

from shared.envelope import utc_now
from shared.errors import Misconfigured, RateLimited, Rejected, TaskError, Unavailable
from shared.tasks import TaskType
from tests.integration.sync_worker.telling import tell
from tests.integration.sync_worker.world import Done, World, once
from tests.unit.sync_worker.bodies import ORDER_ID, order_body
from tests.unit.sync_worker.movements import parcel_body, refund_body

ORDERS = "POST /api/v2/orders"
KEY = f"order:{ORDER_ID}:Created:Paid"
LATER = "2026-11-20T18:00:00+01:00"


async def notify(world: World, **changes: Any) -> Done:
    """The order as it is now, sent to the CRM as a notification."""
    await world.deliver("orders/updated", order_body(**changes))
    return await again(world)


async def again(world: World, **task: Any) -> Done:
    return await world.sync(TaskType.SYNC_ORDER_NOTIFICATION, ORDER_ID, **task)


def is_in_doubt(done: Done) -> bool:
    """Failed for good, with the advice to look first."""
    error = done.error
    return type(error) is Rejected and error.kind == "unknown_outcome" and "Check there" in error.message


async def test_the_status_of_an_order_is_sent_once(world: World) -> None:
    first = await notify(world)
    assert first.requests[-1] == ORDERS
    done = await again(world)
    assert done.note == f"Nothing was sent: this status was already sent by task {first.task.id}"
    assert done.calls == []
    (mail,) = await world.mails()
    assert (mail["orderStatus"], mail["paymentStatus"], mail["totalGrossPrice"]) == ("Created", "Paid", 499)
    assert await world.effect(KEY) == (first.task.id, True)


async def test_every_new_status_is_sent(world: World) -> None:
    await notify(world, financial_status="pending")
    await notify(world, updated_at=LATER)
    await notify(world, updated_at="2026-11-20T19:00:00+01:00", cancelled_at="2026-11-20T19:00:00+01:00")
    assert [(mail["orderStatus"], mail["paymentStatus"]) for mail in await world.mails()] == [
        ("Created", "Pending"),
        ("Created", "Paid"),
        ("Cancelled", "Paid"),
    ]


async def test_a_status_that_is_superseded_already_is_not_sent_any_more(world: World) -> None:
    await world.deliver("orders/create", order_body(financial_status="pending"))
    await world.deliver("orders/cancelled", order_body(updated_at=LATER, cancelled_at=LATER))
    await again(world)
    await again(world)
    assert [mail["orderStatus"] for mail in await world.mails()] == ["Cancelled"]


async def test_what_a_parcel_or_a_refund_tells_is_not_told_with_the_order_again(world: World) -> None:
    await notify(world)
    await tell(world, "fulfillments/create", parcel_body())
    await tell(world, "refunds/create", refund_body())
    states = [{"fulfillment_status": "fulfilled"}, {"financial_status": "partially_refunded"}]
    for minute, state in enumerate(states):
        done = await notify(world, updated_at=f"2026-11-26T08:0{minute}:00+01:00", **state)
        assert "this status was already sent" in (done.note or "")
    mails = [(mail["orderNumber"], mail["orderStatus"]) for mail in await world.mails()]
    assert sorted(mails) == [("1042", "Created"), ("1042", "PartiallyRefunded"), ("1042.1", "Shipped")]


async def test_an_order_from_before_the_crm_is_not_confirmed_when_it_changes(world: World) -> None:
    created_at = "2026-10-01T08:00:00+02:00"
    done = await notify(world, created_at=created_at, fulfillment_status="fulfilled")
    assert "from before the CRM was connected" in (done.note or "")
    assert await world.mails() == []


async def test_an_attempt_after_the_effect_was_noted_says_so(world: World) -> None:
    first = await notify(world)
    done = await again(world, id=first.task.id, is_uncertain=True)
    assert done.note == "Nothing was sent: this status was already sent by an earlier attempt"


@pytest.mark.parametrize(
    ("fault", "mails"), [("reset_before", 0), ("reset_after_effect", 1), ("slow", 1), ("server_error", 0)]
)
async def test_when_no_answer_comes_it_is_never_sent_again(world: World, fault: str, mails: int) -> None:
    await world.faults(once(ORDERS, fault))
    first = await notify(world)
    assert is_in_doubt(first)
    assert await world.effect(KEY) == (first.task.id, False)
    other = await again(world)
    assert is_in_doubt(other)
    assert str(first.task.id) in str(other.error)
    assert ORDERS not in other.requests
    assert is_in_doubt(await again(world, id=first.task.id, is_uncertain=True))
    assert len(await world.mails()) == mails


async def test_a_person_who_has_looked_may_send_it_again(world: World) -> None:
    await world.faults({"route": ORDERS, "fault": "reset_before", "times": 1})
    failed = await notify(world)
    retried = await again(world, retry_of=failed.task.id)
    assert retried.error is None
    assert len(await world.mails()) == 1
    assert await world.effect(KEY) == (retried.task.id, True)


async def test_a_persons_retry_is_in_doubt_itself_when_it_gets_no_answer(world: World) -> None:
    await world.faults({"route": ORDERS, "fault": "reset_after_effect", "times": 2})
    failed = await notify(world)
    decided_at = utc_now()
    retried = await again(world, retry_of=failed.task.id, queued_at=decided_at)
    assert is_in_doubt(retried)
    same_task = {"id": retried.task.id, "retry_of": failed.task.id, "queued_at": decided_at}
    repeated = await again(world, **same_task, is_uncertain=True)
    assert is_in_doubt(repeated)
    assert ORDERS not in repeated.requests


async def test_what_is_known_to_be_sent_is_not_sent_again_by_a_person_either(world: World) -> None:
    first = await notify(world)
    await again(world, retry_of=first.task.id)
    assert len(await world.mails()) == 1


@pytest.mark.parametrize(
    ("fault", "kind"),
    [("rate_limited", RateLimited), ("unavailable", Unavailable), ("unauthorised", Misconfigured)],
)
async def test_a_definite_refusal_lets_a_later_attempt_send(
    world: World, fault: str, kind: type[TaskError]
) -> None:
    await world.faults({"route": ORDERS, "fault": fault, "times": 1})
    first = await notify(world)
    assert isinstance(first.error, kind)
    assert await world.effect(KEY) is None
    assert (await again(world, id=first.task.id)).error is None
    assert len(await world.mails()) == 1


async def test_data_the_crm_refuses_leaves_no_doubt(world: World) -> None:
    await world.set_account(settings={"store_external_id": "ecom", "order_statuses": {"Created": "Invented"}})
    done = await notify(world)
    assert isinstance(done.error, Rejected)
    assert (done.error.kind, done.error.answer.http_status) == ("validation", 400)
    assert await world.effect(KEY) is None


async def test_a_crm_that_can_not_be_reached_leaves_no_doubt(world: World) -> None:
    """The connection is refused when the order is about to be sent, after everything before it worked."""
    await notify(world, financial_status="pending")
    await world.deliver(
        "customers/create", {"id": order_body()["customer"]["id"], "email": "kim@example.com"}
    )
    await world.sync(TaskType.SYNC_CONTACT, order_body()["customer"]["id"])
    await world.run(TaskType.INDEX_STORES, account_id=world.account_id)
    await world.set_account(base_url="http://127.0.0.1:9/engage")
    done = await notify(world, updated_at=LATER)
    assert isinstance(done.error, Unavailable)
    assert done.requests == [ORDERS]
    assert await world.effect(KEY) is None


async def test_a_contact_the_crm_does_not_have_is_made_first(world: World) -> None:
    done = await notify(world)
    assert done.requests[-2:] == ["POST /api/v3/contacts", ORDERS]


async def test_a_garbled_body_of_a_success_is_a_success(world: World) -> None:
    await world.faults({"route": ORDERS, "fault": "malformed", "times": 1})
    assert (await notify(world)).error is None


async def test_an_order_of_nobody_is_left_with_a_note(world: World) -> None:
    done = await notify(world, customer=None, email=None)
    assert "belongs to no contact" in (done.note or "")
    assert done.calls == []


async def test_a_cancelled_order_tells_so(world: World) -> None:
    await notify(world, cancelled_at=LATER, financial_status="voided")
    (mail,) = await world.mails()
    assert (mail["orderStatus"], mail["paymentStatus"]) == ("Cancelled", "Voided")
