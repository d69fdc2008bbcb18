"""Packages told to Amazon: what it has afterwards, when answers are lost, tokens end or quotas are spent."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import orjson
import pytest

from shared.errors import Misconfigured, RateLimited, Rejected, Unavailable, UnknownOutcome
from shared.tasks import Api
from tests.integration.writeback.selling import PLENTY, Selling, open_selling, package_of
from writeback.targets.amazon import NEVER_TOLD

CONFIRM = "POST /orders/v0/*"


@pytest.fixture
async def selling(database_url: str, outside_url: str, outside: httpx.AsyncClient) -> AsyncIterator[Selling]:
    async with open_selling(database_url, outside_url, outside) as opened:
        yield opened


async def test_a_package_is_confirmed_with_exactly_the_documented_fields(selling: Selling) -> None:
    order = await selling.sold()
    told = await (await selling.target()).ship(package_of(order, carrier="PostNord"), is_uncertain=False)
    (package,) = await selling.packages(order)
    assert (told.target_id, told.was_there, told.note) == ("1", False, None)
    assert (package["carrier_code"], package["carrier_name"]) == ("Other", "PostNord")
    assert package["items"] == {order["items"][0]["id"]: 2}
    request = selling.calls[-1]
    assert (request.status, request.response_body, request.category) == (204, b"", Api.WRITEBACK)
    assert "x-amz-access-token" not in request.request_headers
    assert request.response_headers["x-amzn-requestid"]
    assert set(orjson.loads(request.request_body)["packageDetail"]) == {
        "packageReferenceId",
        "carrierCode",
        "carrierName",
        "shippingMethod",
        "trackingNumber",
        "shipDate",
        "orderItems",
    }


async def test_what_is_said_when_a_token_is_fetched_is_recorded_nowhere(selling: Selling) -> None:
    order = await selling.sold()
    await (await selling.target()).ship(package_of(order), is_uncertain=False)
    token_request = selling.calls[0]
    assert "/auth/o2/token" in token_request.url
    assert (token_request.request_body, token_request.response_body) == (b"", b"")


@pytest.mark.parametrize("fault", ["reset_after_effect", "slow"])
async def test_after_a_lost_answer_the_package_is_read_back_and_there_once(
    selling: Selling, fault: str
) -> None:
    order, target = await selling.sold(), await selling.target()
    await selling.fault(fault, CONFIRM, delay_ms=1_400 if fault == "slow" else None)
    with pytest.raises(UnknownOutcome):
        await target.ship(package_of(order), is_uncertain=False)
    told = await target.ship(package_of(order), is_uncertain=True)
    (package,) = await selling.packages(order)
    assert told.was_there
    assert package["times_received"] == 1


@pytest.mark.parametrize("fault", ["reset_before", "server_error"])
async def test_a_request_that_may_not_have_arrived_is_read_back_and_then_repeated(
    selling: Selling, fault: str
) -> None:
    order, target = await selling.sold(), await selling.target()
    await selling.fault(fault, CONFIRM)
    with pytest.raises(UnknownOutcome):
        await target.ship(package_of(order), is_uncertain=False)
    told = await target.ship(package_of(order), is_uncertain=True)
    (package,) = await selling.packages(order)
    assert not told.was_there
    assert package["times_received"] == 1


async def test_amazon_away_is_no_unknown_outcome(selling: Selling) -> None:
    order, target = await selling.sold(), await selling.target()
    await selling.fault("unavailable", CONFIRM, retry_after="7")
    with pytest.raises(Unavailable) as caught:
        await target.ship(package_of(order), is_uncertain=False)
    assert caught.value.after is not None
    assert caught.value.after.total_seconds() == 7


async def test_a_correction_changes_the_package_it_names(selling: Selling) -> None:
    order, target = await selling.sold(), await selling.target()
    await target.ship(package_of(order), is_uncertain=False)
    await target.correct(package_of(order, tracking_numbers=("JJD0100",)), is_uncertain=False)
    (package,) = await selling.packages(order)
    assert (package["tracking_number"], package["times_changed"]) == ("JJD0100", 1)


async def test_a_correction_that_amazon_refuses_says_what_to_do_by_hand(selling: Selling) -> None:
    order, target = await selling.sold(), await selling.target()
    await target.ship(package_of(order), is_uncertain=False)
    await selling.say("PATCH", f"orders/{order['order_id']}", refuses_edits=True)
    with pytest.raises(Rejected) as caught:
        await target.correct(package_of(order, tracking_numbers=("JJD0100",)), is_uncertain=False)
    assert caught.value.kind == "by_hand"
    assert "Seller Central" in caught.value.message
    assert "JJD0100" in caught.value.message


async def test_a_repeat_that_amazon_refuses_because_it_has_the_package_is_done(selling: Selling) -> None:
    order, target = await selling.sold(), await selling.target()
    await target.ship(package_of(order), is_uncertain=False)
    await selling.say("PATCH", f"orders/{order['order_id']}", refuses_edits=True)
    told = await target.ship(package_of(order), is_uncertain=False)
    assert told.was_there


async def test_amazon_can_not_take_a_package_back_and_the_steps_are_said(selling: Selling) -> None:
    order, target = await selling.sold(), await selling.target()
    await target.ship(package_of(order), is_uncertain=False)
    for is_uncertain in (False, True):
        with pytest.raises(Rejected, match="Seller Central") as caught:
            await target.cancel(package_of(order), is_uncertain=is_uncertain)
        assert order["order_id"] in caught.value.message


async def test_what_amazon_never_heard_of_needs_not_be_taken_back(selling: Selling) -> None:
    order, target = await selling.sold(), await selling.target()
    told = await target.cancel(package_of(order), is_uncertain=True)
    assert told.note == NEVER_TOLD


async def test_an_order_that_amazon_ships_itself_is_refused_in_its_words(selling: Selling) -> None:
    order, target = await selling.sold(fulfilled_by="AMAZON"), await selling.target()
    with pytest.raises(Rejected, match="fulfilled by Amazon") as caught:
        await target.ship(package_of(order), is_uncertain=False)
    assert caught.value.answer.http_status == 400


async def test_an_order_amazon_does_not_know_is_not_found(selling: Selling) -> None:
    target = await selling.target()
    order = {**await selling.sold(), "order_id": "999-0000000-0000000"}
    with pytest.raises(Rejected) as caught:
        await target.ship(package_of(order), is_uncertain=False)
    assert caught.value.kind == "not_found"


async def test_several_packages_and_further_tracking_numbers(selling: Selling) -> None:
    order, target = await selling.sold(), await selling.target()
    first = await target.ship(package_of(order, tracking_numbers=("A1", "A2")), is_uncertain=False)
    second = package_of({**order, "items": order["items"][1:]}, number=2, tracking_numbers=("B1",))
    await target.ship(second, is_uncertain=False)
    assert [one["reference"] for one in await selling.packages(order)] == ["1", "2"]
    assert "A2" in (first.note or "")
    assert (await selling.counts())["doubled"] == 0


async def test_twenty_write_backs_at_once_fetch_one_token(selling: Selling) -> None:
    placed = await selling.say("POST", "orders", count=20, items=[{"sku": "AMZ-001", "quantity": 1}])
    target = await selling.target()

    async def ship(order: dict[str, Any]) -> None:
        await target.ship(package_of(order), is_uncertain=False)

    await asyncio.gather(*(ship(order) for order in placed["orders"]))
    assert (await selling.counts())["tokens_given"] == 1


async def test_a_token_that_ended_early_is_replaced_once_for_all(selling: Selling) -> None:
    placed = await selling.say("POST", "orders", count=21, items=[{"sku": "AMZ-001", "quantity": 1}])
    target = await selling.target()
    first, *others = placed["orders"]
    await target.ship(package_of(first), is_uncertain=False)
    await selling.say("POST", "expire-tokens")

    async def ship(order: dict[str, Any]) -> None:
        await target.ship(package_of(order), is_uncertain=False)

    await asyncio.gather(*(ship(order) for order in others))
    counted = await selling.counts()
    assert counted["tokens_given"] == 2
    assert counted["packages"] == 21


async def test_a_fresh_token_that_is_not_taken_either_marks_the_account(selling: Selling) -> None:
    order, target = await selling.sold(), await selling.target()
    await selling.fault("unauthorised", CONFIRM, times=2)
    with pytest.raises(Misconfigured):
        await target.ship(package_of(order), is_uncertain=False)
    assert (await selling.counts())["tokens_given"] == 2


async def test_a_consent_taken_back_is_said_once_in_clear_words(selling: Selling) -> None:
    placed = await selling.say("POST", "orders", count=5, items=[{"sku": "AMZ-001", "quantity": 1}])
    await selling.say("PATCH", "terms", is_revoked=True)
    target = await selling.target()
    shipping = (target.ship(package_of(order), is_uncertain=False) for order in placed["orders"])
    errors = await asyncio.gather(*shipping, return_exceptions=True)
    assert all(isinstance(error, Misconfigured) for error in errors)
    assert "authorise the application again" in str(errors[0])
    assert (await selling.counts())["tokens_refused"] == 1


async def test_a_used_up_quota_waits_as_long_as_amazons_rate_says(selling: Selling) -> None:
    order, target = await selling.sold(), await selling.target()
    await selling.fault("rate_limited", CONFIRM)
    with pytest.raises(RateLimited) as caught:
        await target.ship(package_of(order), is_uncertain=False)
    assert caught.value.after is not None
    assert caught.value.after.total_seconds() == pytest.approx(0.5)
    row = await selling.pool.fetchrow(
        "SELECT available, capacity, per_second FROM store.budgets WHERE operation = 'confirmShipment'"
    )
    assert row is not None
    assert (row["available"], row["per_second"]) == (0, 2)


async def test_requests_wait_for_the_budget_instead_of_running_into_the_quota(selling: Selling) -> None:
    limit = {"per_second": 4, "burst": 10}
    await selling.say("PATCH", "terms", limits={"confirmShipment": limit})
    placed = await selling.say("POST", "orders", count=14, items=[{"sku": "AMZ-001", "quantity": 1}])
    target = await selling.target()
    for order in placed["orders"]:
        await target.ship(package_of(order), is_uncertain=False)
    counted = await selling.counts()
    assert counted.get("quota_exceeded", 0) == 0
    assert counted["packages"] == 14


async def test_a_higher_rate_that_amazon_tells_is_used(selling: Selling) -> None:
    order, target = await selling.sold(), await selling.target()
    await target.ship(package_of(order), is_uncertain=False)
    query = "SELECT per_second FROM store.budgets WHERE operation = 'confirmShipment'"
    assert await selling.pool.fetchval(query) == PLENTY["per_second"]
