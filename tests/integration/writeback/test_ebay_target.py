"""Packages told to eBay over either interface: what it has afterwards, also when answers are lost."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import orjson
import pytest

from shared.errors import Misconfigured, RateLimited, Rejected, Unavailable, UnknownOutcome
from shared.marketplaces.ebay import Uses
from shared.tasks import Api
from tests.integration.writeback.ebay_selling import EbaySelling, open_ebay_selling


@pytest.fixture(params=list(Uses))
async def selling(
    request: pytest.FixtureRequest, database_url: str, outside_url: str, outside: httpx.AsyncClient
) -> AsyncIterator[EbaySelling]:
    async with open_ebay_selling(database_url, outside_url, outside, request.param) as opened:
        yield opened


def only(uses: Uses) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("selling", [uses], indirect=True)


def numbers(held: dict[str, Any]) -> list[str]:
    return [parcel["number"] for parcel in held["parcels"]]


async def test_a_package_is_told_with_its_bare_tracking_number(selling: EbaySelling) -> None:
    order = await selling.sold()
    told = await (await selling.target()).ship(selling.package(order), is_uncertain=False)
    held = await selling.held(order)
    assert (told.target_id, told.was_there, told.note) == ("JJD0099", False, None)
    assert [(one["carrier"], one["number"]) for one in held["parcels"]] == [("DHL", "JJD0099")]
    assert held["status"] == "IN_PROGRESS"


@only(Uses.FULFILLMENT)
async def test_the_request_has_exactly_the_documented_fields(selling: EbaySelling) -> None:
    order = await selling.sold()
    await (await selling.target()).ship(selling.package(order), is_uncertain=False)
    request = selling.calls[-1]
    assert (request.status, request.category) == (201, None)
    assert orjson.loads(request.request_body) == {
        "lineItems": [{"lineItemId": order["lines"][0]["id"], "quantity": 2}],
        "shippedDate": "2026-11-21T08:00:00.000Z",
        "shippingCarrierCode": "DHL",
        "trackingNumber": "JJD0099",
    }


async def test_no_token_and_no_secret_is_recorded(selling: EbaySelling) -> None:
    order = await selling.sold()
    await (await selling.target()).ship(selling.package(order), is_uncertain=False)
    assert "/identity/v1/oauth2/token" in selling.calls[0].url
    assert (selling.calls[0].request_body, selling.calls[0].response_body) == (b"", b"")
    for call in selling.calls:
        assert not call.request_headers.keys() & {"authorization", "x-ebay-api-iaf-token"}
        assert call.account_id == selling.account_id
    expected = Api.TRADING if selling.uses is Uses.TRADING else None
    assert {call.category for call in selling.calls[1:]} == {expected}


@pytest.mark.parametrize("fault", ["reset_after_effect", "slow", "malformed"])
async def test_after_a_lost_answer_the_package_is_read_back_and_there_once(
    selling: EbaySelling, fault: str
) -> None:
    await selling.say("PATCH", "terms", {"on_repeat": "accept"})
    order, target = await selling.sold(), await selling.target()
    await selling.fault(fault)
    if fault == "malformed" and selling.uses is Uses.FULFILLMENT:
        # Its status and address say that it happened; there was nothing to read in it.
        assert (await target.ship(selling.package(order), is_uncertain=False)).target_id == "JJD0099"
    else:
        with pytest.raises(UnknownOutcome):
            await target.ship(selling.package(order), is_uncertain=False)
    told = await target.ship(selling.package(order), is_uncertain=True)
    held = await selling.held(order)
    assert told.was_there
    assert (numbers(held), held["doubled"]) == (["JJD0099"], 0)
    assert sum(held["counts"].values()) == 1


@pytest.mark.parametrize("fault", ["reset_before", "server_error"])
async def test_a_request_that_may_not_have_arrived_is_read_back_and_then_repeated(
    selling: EbaySelling, fault: str
) -> None:
    order, target = await selling.sold(), await selling.target()
    await selling.fault(fault)
    with pytest.raises(UnknownOutcome):
        await target.ship(selling.package(order), is_uncertain=False)
    told = await target.ship(selling.package(order), is_uncertain=True)
    held = await selling.held(order)
    assert (told.was_there, numbers(held)) == (False, ["JJD0099"])
    assert sum(held["counts"].values()) == 1


async def test_ebay_away_or_asking_for_patience_is_no_unknown_outcome(selling: EbaySelling) -> None:
    order, target = await selling.sold(), await selling.target()
    for fault, kind in (("unavailable", Unavailable), ("rate_limited", RateLimited)):
        await selling.fault(fault, retry_after="7")
        with pytest.raises(kind) as caught:
            await target.ship(selling.package(order), is_uncertain=False)
        after = caught.value.after
        assert after is not None
        assert after.total_seconds() == 7
    assert (await selling.held(order))["counts"] == {}


async def test_an_ended_token_is_replaced_once(selling: EbaySelling) -> None:
    order, target = await selling.sold(), await selling.target()
    await target.ship(selling.package(order), is_uncertain=False)
    await selling.say("POST", "expire-tokens")
    package = selling.package(order, lines=(selling.line(order, 1),), tracking_numbers=("JJD0100",))
    await target.ship(package, is_uncertain=False)
    assert (await selling.counts())["tokens_given"] == 2
    assert numbers(await selling.held(order)) == ["JJD0099", "JJD0100"]


async def test_packages_told_at_the_same_time_share_one_token(selling: EbaySelling) -> None:
    orders = [await selling.sold() for _ in range(8)]
    target = await selling.target()
    await asyncio.gather(*(target.ship(selling.package(one), is_uncertain=False) for one in orders))
    assert (await selling.counts())["tokens_given"] == 1


async def test_taken_back_consent_is_the_accounts_trouble_and_asked_about_once(
    selling: EbaySelling,
) -> None:
    orders = [await selling.sold() for _ in range(5)]
    await selling.say("PATCH", "terms", {"is_revoked": True})
    target = await selling.target()
    told = await asyncio.gather(
        *(target.ship(selling.package(one), is_uncertain=False) for one in orders), return_exceptions=True
    )
    assert all(isinstance(one, Misconfigured) for one in told)
    assert "connect it again" in str(told[0])
    assert (await selling.counts())["tokens_refused"] == 1


async def test_a_token_desk_that_is_away_is_not_the_accounts_trouble(selling: EbaySelling) -> None:
    order, target = await selling.sold(), await selling.target()
    await selling.fault("unavailable", system="ebay-login")
    with pytest.raises(Unavailable):
        await target.ship(selling.package(order), is_uncertain=False)
    assert (await target.ship(selling.package(order), is_uncertain=False)).target_id == "JJD0099"


async def test_a_wrong_package_is_refused_in_ebays_words(selling: EbaySelling) -> None:
    order, target = await selling.sold(), await selling.target()
    await selling.say("POST", f"orders/{order['order_id']}/cancel")
    with pytest.raises(Rejected) as caught:
        await target.ship(selling.package(order), is_uncertain=False)
    assert "(error " in caught.value.message
    with pytest.raises(Rejected):
        await target.ship(selling.package({**order, "order_id": "99-99999-99999"}), is_uncertain=False)


async def test_an_order_in_two_packages_keeps_the_tracking_of_both(selling: EbaySelling) -> None:
    order, target = await selling.sold(), await selling.target()
    one = selling.package(order, lines=(selling.line(order, 0, 1),))
    rest = (selling.line(order, 0, 1), selling.line(order, 1))
    other = selling.package(order, number=2, lines=rest, tracking_numbers=("JJD0100",))
    first = await target.ship(one, is_uncertain=False)
    await target.ship(other, is_uncertain=False)
    held = await selling.held(order)
    assert (held["status"], held["lines"][0]["tracking"]) == ("FULFILLED", ["JJD0099", "JJD0100"])
    assert held["lines"][1]["tracking"] == ["JJD0100"]
    assert ("as a whole" in (first.note or "")) is (selling.uses is Uses.TRADING)


async def test_a_package_with_two_tracking_numbers_of_which_one_was_lost_gets_the_other(
    selling: EbaySelling,
) -> None:
    await selling.say("PATCH", "terms", {"on_repeat": "accept"})
    order, target = await selling.sold(), await selling.target()
    package = selling.package(order, tracking_numbers=("JJD-0099", "JJD-0100"))
    await selling.fault("reset_after_effect")
    with pytest.raises(UnknownOutcome):
        await target.ship(package, is_uncertain=False)
    told = await target.ship(package, is_uncertain=True)
    held = await selling.held(order)
    assert told.target_id == "JJD0099,JJD0100"
    assert (numbers(held), held["doubled"]) == (["JJD0099", "JJD0100"], 0)


@only(Uses.FULFILLMENT)
@pytest.mark.parametrize("on_repeat", ["use_put", "conflict"])
async def test_that_ebay_has_a_shipment_already_is_seen_there_and_done(
    selling: EbaySelling, on_repeat: str
) -> None:
    await selling.say("PATCH", "terms", {"on_repeat": on_repeat})
    order, target = await selling.sold(), await selling.target()
    await target.ship(selling.package(order), is_uncertain=False)
    told = await target.ship(selling.package(order), is_uncertain=False)
    held = await selling.held(order)
    assert told.was_there
    assert held["counts"] == {"created": 1, "repeated": 1}


@only(Uses.FULFILLMENT)
async def test_a_number_that_stands_there_for_other_lines_is_a_persons_business(
    selling: EbaySelling,
) -> None:
    order, target = await selling.sold(), await selling.target()
    await target.ship(selling.package(order), is_uncertain=False)
    with pytest.raises(Rejected) as caught:
        await target.ship(selling.package(order, lines=(selling.line(order, 1),)), is_uncertain=False)
    assert caught.value.kind == "by_hand"


@only(Uses.FULFILLMENT)
async def test_a_correction_is_done_by_hand_and_then_found_there(selling: EbaySelling) -> None:
    order, target = await selling.sold(), await selling.target()
    told = await target.ship(selling.package(order), is_uncertain=False)
    changed = selling.package(order, tracking_numbers=("JJD0100",), target_id=told.target_id)
    with pytest.raises(Rejected) as caught:
        await target.correct(changed, is_uncertain=False)
    assert caught.value.kind == "by_hand"
    assert "replace JJD0099 by JJD0100" in caught.value.message
    await selling.say("POST", f"orders/{order['order_id']}/tracking", {"number": "JJD0099", "to": "JJD0100"})
    again = await target.correct(changed, is_uncertain=False)
    assert (again.target_id, again.was_there) == ("JJD0100", True)


@only(Uses.FULFILLMENT)
async def test_a_shipment_is_taken_back_by_hand_and_then_gone(selling: EbaySelling) -> None:
    order, target = await selling.sold(), await selling.target()
    told = await target.ship(selling.package(order), is_uncertain=False)
    package = selling.package(order, target_id=told.target_id)
    with pytest.raises(Rejected, match="delete JJD0099") as caught:
        await target.cancel(package, is_uncertain=False)
    assert caught.value.kind == "by_hand"
    await selling.say("POST", f"orders/{order['order_id']}/tracking", {"number": "JJD0099"})
    assert (await target.cancel(package, is_uncertain=False)).was_there


@only(Uses.TRADING)
async def test_a_correction_replaces_the_tracking_of_this_package_only(selling: EbaySelling) -> None:
    order, target = await selling.sold(), await selling.target()
    told = await target.ship(selling.package(order), is_uncertain=False)
    other = selling.package(order, lines=(selling.line(order, 0),), tracking_numbers=("UPS1",), carrier="UPS")
    await target.ship(other, is_uncertain=False)
    changed = selling.package(order, tracking_numbers=("JJD0100",), target_id=told.target_id)
    for was_there in (False, True):
        assert (await target.correct(changed, is_uncertain=False)).was_there is was_there
    assert (await selling.held(order))["lines"][0]["tracking"] == ["UPS1", "JJD0100"]


@only(Uses.TRADING)
async def test_taking_back_deletes_the_tracking_and_the_line_is_not_shipped(selling: EbaySelling) -> None:
    order, target = await selling.sold(), await selling.target()
    told = await target.ship(selling.package(order), is_uncertain=False)
    package = selling.package(order, target_id=told.target_id)
    for was_there in (False, True):
        assert (await target.cancel(package, is_uncertain=False)).was_there is was_there
    held = await selling.held(order)
    assert (held["status"], held["parcels"]) == ("NOT_STARTED", [])


@only(Uses.TRADING)
@pytest.mark.parametrize(
    ("problem", "kind"),
    [
        ({"classification": "SystemError"}, Unavailable),
        ({"classification": "RequestError", "code": "55"}, Rejected),
        ({"ack": "PartialFailure"}, UnknownOutcome),
        ({"code": "518", "classification": "RequestError"}, RateLimited),
    ],
)
async def test_a_failure_inside_http_200_is_no_success(
    selling: EbaySelling, problem: dict[str, Any], kind: type[Exception]
) -> None:
    order, target = await selling.sold(), await selling.target()
    await selling.say("PUT", "problems", [{"call": "CompleteSale", **problem}])
    with pytest.raises(kind):
        await target.ship(selling.package(order), is_uncertain=False)
    assert (await selling.held(order))["counts"] == {}
    assert (await target.ship(selling.package(order), is_uncertain=True)).target_id == "JJD0099"


@only(Uses.TRADING)
async def test_a_warning_is_done_with_a_note(selling: EbaySelling) -> None:
    order, target = await selling.sold(), await selling.target()
    problem = {"call": "CompleteSale", "ack": "Warning", "severity": "Warning", "message": "Not validated."}
    await selling.say("PUT", "problems", [problem])
    told = await target.ship(selling.package(order), is_uncertain=False)
    assert "Not validated." in (told.note or "")
    assert numbers(await selling.held(order)) == ["JJD0099"]


async def test_without_a_tracking_number_the_lines_are_shipped_once(selling: EbaySelling) -> None:
    order, target = await selling.sold(), await selling.target()
    package = selling.package(order, tracking_numbers=())
    await selling.fault("reset_after_effect")
    with pytest.raises(UnknownOutcome):
        await target.ship(package, is_uncertain=False)
    assert (await target.ship(package, is_uncertain=True)).was_there
    held = await selling.held(order)
    assert (held["doubled"], held["status"]) == (0, "IN_PROGRESS")
