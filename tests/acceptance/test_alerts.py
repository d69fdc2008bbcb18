"""An order stream that dies is noticed, proven, told by mail and mended; a quiet shop wakes nobody."""

from datetime import timedelta
from typing import Any

import pytest

from tests.acceptance.stack import Stack
from tests.acceptance.watched import Watched, watched
from tests.waiting import until

pytestmark = pytest.mark.acceptance

NOTIFY = "NotifyAlert"
FETCHED = "Fetched and synced since: 3 of 3."
LATER = "UPDATE alerts.proofs SET asked_at = asked_at - interval '1 hour' WHERE shop_id = $1"
CALM = "UPDATE alerts.alerts SET clear_since = clear_since - interval '1 hour' WHERE shop_id = $1"


async def silent(shop: Watched) -> None:
    """One order came and went the usual way; then three hours nothing."""
    order = await shop.sell()
    await until(shop.topics, "the shop was subscribed to")
    await until(lambda: shop.has_receipt(order), "the first order is in the CRM")
    await until(shop.is_counted, "the first order is in the log")
    await shop.passes(timedelta(hours=3))


async def silence_alert(shop: Watched) -> dict[str, Any]:
    await until(lambda: shop.silence(state="firing"), "the alert fires")
    (alert,) = await shop.silence(state="firing")
    return await shop.detail(alert["id"])


async def test_a_quiet_shop_is_left_alone_and_one_whose_orders_are_lost_is_told(shared_stack: Stack) -> None:
    shop = await watched(shared_stack)
    await silent(shop)
    await shop.wants(silence_minutes=60)
    await until(shop.proofs, "the shop was asked")
    assert ([one["verdict"] for one in await shop.proofs()], await shop.mails()) == (["quiet"], [])

    orders = [await shop.sell(tell=False, minutes_ago=minutes) for minutes in (90, 60, 30)]
    await shop.change(LATER)
    alert = await silence_alert(shop)
    assert alert["title"] == "3 orders missed"
    await until(shop.mails, "the mail has come")
    (mail,) = await shop.mails()
    assert "3 orders missed" in mail["subject"]
    for part in (mail["text"], mail["html"]):
        assert "It had 3 orders since" in part
        assert orders[0]["name"] in part
        assert "See whether tasks of the order sync fail or wait" in part
        assert shared_stack.facts["query_api_url"] in part

    for order in orders:
        await until(lambda order=order: shop.has_receipt(order), "a missed order was fetched")  # type: ignore[misc]

    async def is_counted() -> bool:
        return FETCHED in (await shop.detail(alert["id"]))["explanation"]

    await until(is_counted, "what was fetched is counted")
    await shop.change(LATER)
    await until(lambda: shop.is_away(alert["id"]), "the rule is not met any more")
    await shop.change(CALM)
    await until(lambda: shop.has_mails(2), "that it is over was told")
    over = (await shop.mails())[1]
    assert FETCHED in over["text"]
    assert (await shop.detail(alert["id"]))["state"] == "resolved"


async def test_a_lost_subscription_is_made_again_and_told_once_although_mail_was_away(
    shared_stack: Stack,
) -> None:
    shop = await watched(shared_stack)
    await silent(shop)
    async with shop.mail_is_away():
        await shop.say("DELETE", "subscriptions/orders/create")
        order = await shop.sell(tell=False, minutes_ago=30)
        # Not before: the shop would be asked while things still happen to it.
        await shop.wants(silence_minutes=60)
        alert = await silence_alert(shop)
        assert alert["title"].startswith("The shop no longer sends its orders")

        async def is_put_off() -> bool:
            tasks = (await shop.ask("/tasks", type=NOTIFY))["tasks"]
            return any(task["state"] == "retrying" for task in tasks)

        await until(is_put_off, "the task says that it waits for the mail server")
        await until(lambda: shop.has_receipt(order), "the missed order was fetched")
    await until(shop.mails, "the mail has come, late")
    (mail,) = await shop.mails()
    assert "Its webhook subscription for orders/create is gone" in mail["text"]
    assert "orders/create" in await shop.topics()
