"""What eBay is told of a package, and how it is known again."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import Rejected
from writeback.mapping import ebay_packages as packages
from writeback.mapping.ebay_carriers import OTHER, carrier_code
from writeback.mapping.ebay_packages import Known
from writeback.targets.port import Line, Package

SHIPPED_AT = datetime(2026, 11, 21, 9, 30, 15, 123456, tzinfo=timezone(timedelta(hours=1)))


def package(**changes: Any) -> Package:
    facts: dict[str, Any] = {
        "id": UUID(int=1),
        "order_id": "12-34567-89012",
        "number": 1,
        "carrier": "DHL Paket",
        "service": None,
        "tracking_numbers": ("JJD 00-99",),
        "tracking_url": None,
        "shipped_at": SHIPPED_AT,
        "lines": (Line("10052962738010", "SL-001", 2),),
    }
    return Package(**(facts | changes))


def known(number: str | None = "JJD0099", carrier: str | None = "DHL", **quantities: int) -> Known:
    lines = {name.removeprefix("l"): quantity for name, quantity in quantities.items()}
    return Known(number or "9999999999", number, carrier, lines or {"10052962738010": 2})


def test_a_parcel_has_exactly_the_documented_fields() -> None:
    (parcel,) = packages.parcels(package(), {})
    assert parcel.body == {
        "lineItems": [{"lineItemId": "10052962738010", "quantity": 2}],
        "shippedDate": "2026-11-21T08:30:15.123Z",
        "shippingCarrierCode": "DHL",
        "trackingNumber": "JJD0099",
    }


def test_without_a_tracking_number_there_is_no_carrier_either() -> None:
    (parcel,) = packages.parcels(package(tracking_numbers=()), {})
    assert parcel.body.keys() == {"lineItems", "shippedDate"}


def test_each_tracking_number_is_a_parcel_of_its_own_and_none_twice() -> None:
    parcels = packages.parcels(package(tracking_numbers=("A-1", "A1", "A 2")), {})
    assert [parcel.tracking_number for parcel in parcels] == ["A1", "A2"]


def test_a_number_of_which_nothing_is_left_is_refused() -> None:
    with pytest.raises(Rejected, match="no letter and no digit"):
        packages.parcels(package(tracking_numbers=("–/ ",)), {})


@given(st.text())
def test_what_is_left_of_any_number_is_letters_and_digits_that_ebay_takes(text: str) -> None:
    bare = packages.bare(text)
    assert bare.isascii()
    assert bare == "" or bare.isalnum()
    assert packages.bare(bare) == bare


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ("DHL", "DHL"),
        ("dhl paket", "DHL"),
        ("DHL Express", "DHLEXPRESS"),
        ("Deutsche Post", "DeutschePost"),
        ("United Parcel Service", "UPS"),
        ("u.s.p.s.", "USPS"),
        ("Royal Mail", "RoyalMail"),
        ("Österreichische Post", "OsterreichischePostAG"),
        ("PostNord", OTHER),
        ("", OTHER),
    ],
)
def test_carriers_are_known_however_they_are_written(told: str, code: str) -> None:
    assert carrier_code(told, {}) == code


def test_the_accounts_own_carriers_come_first() -> None:
    assert carrier_code("PostNord", {"post nord": "PostNordNorway"}) == "PostNordNorway"
    (parcel,) = packages.parcels(package(carrier="DHL"), {"dhl": "DHLEKB"})
    assert parcel.body["shippingCarrierCode"] == "DHLEKB"


def test_what_ebay_lists_is_read_by_its_other_names() -> None:
    content = {
        "fulfillmentId": "JJD0099",
        "shipmentTrackingNumber": "JJD0099",
        "shippingCarrierCode": "DHL",
        "lineItems": [{"lineItemId": "10052962738010"}, "no line"],
    }
    (one, other) = packages.known_of([content, {}])
    assert one == Known("JJD0099", "JJD0099", "DHL", {"10052962738010": 1})
    assert other == Known("", None, None, {})


@pytest.mark.parametrize(
    ("there", "is_it"),
    [
        (known("jjd0099"), True),
        (known("JJD-0099"), True),
        (known("JJD0100"), False),
        (known(None), False),
        (known(l10052962738010=1, l99=1), True),
        (known(l99=2), False),
        (Known("JJD0099", "JJD0099", "DHL", {}), True),
    ],
)
def test_a_parcel_is_known_by_its_number_and_lines(there: Known, is_it: bool) -> None:
    (parcel,) = packages.parcels(package(), {})
    assert (packages.found(parcel, package(), [there]) is there) is is_it


def test_a_parcel_without_number_is_known_by_its_very_lines() -> None:
    bare = package(tracking_numbers=())
    (parcel,) = packages.parcels(bare, {})
    assert packages.found(parcel, bare, [known(None)]) is not None
    assert packages.found(parcel, bare, [known(None, None, l10052962738010=1)]) is None
    assert packages.found(parcel, bare, [known("JJD0099")]) is None


@pytest.mark.parametrize(
    ("ours", "theirs", "is_other"),
    [
        ("DHL", "UPS", True),
        ("DHL", "dhl", False),
        ("DHL", None, False),
        ("PostNord", "UPS", False),
        ("DHL", OTHER, False),
    ],
)
def test_carriers_differ_when_both_are_known(ours: str, theirs: str | None, is_other: bool) -> None:
    (parcel,) = packages.parcels(package(carrier=ours), {})
    assert packages.has_other_carrier(parcel, known(carrier=theirs)) is is_other


@pytest.mark.parametrize(
    ("facts", "told", "outdated"),
    [
        ({}, ("JJD 00-99",), ()),
        ({"target_id": "A1,A2"}, ("A1", "A2"), ("A1", "A2")),
        ({"target_id": "JJD0099"}, ("JJD0099",), ()),
        ({"target_id": "A1", "tried_numbers": ("B-2", "JJD0099")}, ("A1", "B-2", "JJD0099"), ("A1", "B-2")),
        ({"target_id": "A1,A2", "taken": frozenset({"A2,A3"})}, ("A1",), ("A1",)),
    ],
)
def test_numbers_that_may_stand_there_are_those_of_no_other_package(
    facts: dict[str, Any], told: tuple[str, ...], outdated: tuple[str, ...]
) -> None:
    assert packages.told_numbers(package(**facts)) == told
    assert packages.outdated_numbers(package(**facts)) == outdated


def test_times_are_utc_whatever_zone_they_came_in() -> None:
    (parcel,) = packages.parcels(package(shipped_at=datetime(2026, 1, 1, tzinfo=UTC)), {})
    assert parcel.body["shippedDate"] == "2026-01-01T00:00:00.000Z"
