"""Packages and a Shopify shop's fulfilments: which are which, and what is made of what waits."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import Rejected
from writeback.mapping.fulfilling import (
    Sent,
    Waiting,
    batches,
    fulfilment_input,
    mine,
    missing,
    tracking_input,
)
from writeback.targets.port import Line, Package


def package(*lines: tuple[str, int], **changes: Any) -> Package:
    facts: dict[str, Any] = {
        "id": uuid4(),
        "order_id": "5523",
        "number": 1,
        "carrier": "PostNord",
        "service": None,
        "tracking_numbers": ("UA1",),
        "tracking_url": None,
        "shipped_at": datetime(2026, 11, 21, tzinfo=UTC),
        "lines": tuple(Line(line_id, f"SKU-{line_id}", units) for line_id, units in lines),
    }
    return Package(**(facts | changes))


def waiting(line_id: str, remaining: int, *, location: str = "L1", **changes: Any) -> Waiting:
    facts: dict[str, Any] = {
        "id": f"gid://shopify/FulfillmentOrderLineItem/{location}{line_id}",
        "line_id": line_id,
        "fulfilment_order": f"gid://shopify/FulfillmentOrder/{location}",
        "location": location,
        "remaining": remaining,
        "status": "OPEN",
        "can_ship": True,
    }
    return Waiting(**(facts | changes))


def sent(fulfilment_id: str, *numbers: str, **quantities: int) -> Sent:
    units = {name.removeprefix("l"): count for name, count in quantities.items()}
    return Sent(fulfilment_id, False, "PostNord", numbers, None, units)


def test_a_location_that_has_everything_sends_everything() -> None:
    here, there = waiting("1", 1), waiting("1", 5, location="L2")
    other = waiting("2", 5, location="L2")
    (batch,) = batches(package(("1", 2), ("2", 1)).lines, [here, there, other])
    assert [(part.waiting.id, part.quantity) for part in batch] == [(there.id, 2), (other.id, 1)]


def test_what_lies_apart_is_sent_apart() -> None:
    stock = [waiting("1", 1), waiting("1", 1, location="L2"), waiting("2", 1, location="L2")]
    made = batches(package(("1", 2), ("2", 1)).lines, stock)
    assert [[part.quantity for part in batch] for batch in made] == [[1], [1, 1]]


def test_several_fulfilment_orders_of_a_location_share_a_fulfilment() -> None:
    stock = [waiting("1", 1), waiting("1", 1, fulfilment_order="gid://shopify/FulfillmentOrder/other")]
    (batch,) = batches(package(("1", 2)).lines, stock)
    parts = fulfilment_input(package(("1", 2)), batch, notify=False)["lineItemsByFulfillmentOrder"]
    assert len(parts) == 2


@pytest.mark.parametrize(
    ("status", "advice"),
    [("ON_HOLD", "release the hold"), ("SCHEDULED", "ready to be sent"), ("CLOSED", "left to send")],
)
def test_what_may_not_be_sent_is_explained(status: str, advice: str) -> None:
    stock = [waiting("1", 2, status=status, can_ship=False)]
    with pytest.raises(Rejected, match=advice) as refused:
        batches(package(("1", 2)).lines, stock)
    assert "'SKU-1'" in refused.value.message


@given(st.lists(st.integers(0, 4), min_size=1, max_size=4), st.integers(1, 8))
def test_exactly_what_is_wanted_is_taken_and_never_more_than_waits(stocks: list[int], wanted: int) -> None:
    places = [waiting("1", units, location=f"L{place}") for place, units in enumerate(stocks)]
    if wanted > sum(stocks):
        with pytest.raises(Rejected, match=f"{sum(stocks)} of {wanted}"):
            batches(package(("1", wanted)).lines, places)
        return
    parts = [part for batch in batches(package(("1", wanted)).lines, places) for part in batch]
    assert sum(part.quantity for part in parts) == wanted
    assert all(0 < part.quantity <= part.waiting.remaining for part in parts)


def test_a_fulfilment_is_recognised_by_number_and_lines() -> None:
    made = [sent("9", "UA1", l1=2), sent("10", "UA2", l1=1), sent("11", "UA1", l1=1)]
    assert [one.id for one in mine(package(("1", 1)), made)] == ["11"]


def test_the_fulfilments_of_the_orders_other_packages_are_not_taken_for_this_one() -> None:
    made = [sent("9", "UA1", l1=1), sent("10", "UA1", l1=1)]
    assert [one.id for one in mine(package(("1", 1), taken=frozenset({"8,9"})), made)] == ["10"]


def test_a_package_is_recognised_under_a_number_it_had_before() -> None:
    made = [sent("9", "OLD", l1=1)]
    assert mine(package(("1", 1)), made) == []
    assert mine(package(("1", 1), tried_numbers=("OLD",)), made) == made


def test_a_cancelled_fulfilment_is_this_package_only_by_its_id() -> None:
    cancelled = Sent("9", True, "PostNord", ("UA1",), None, {"1": 1})
    assert mine(package(("1", 1)), [cancelled]) == []
    assert mine(package(("1", 1), target_id="9"), [cancelled]) == [cancelled]


def test_what_is_missing_is_the_rest_of_each_line() -> None:
    rest = missing(package(("1", 3), ("2", 1)), [sent("9", "UA1", l1=1, l2=1)])
    assert [(line.id, line.quantity) for line in rest] == [("1", 2)]


def test_an_address_is_told_only_where_there_is_one() -> None:
    assert tracking_input(package(("1", 1))) == {"company": "PostNord", "numbers": ["UA1"]}
    told = tracking_input(package(("1", 1), tracking_url="https://t.example/1"))
    assert told["urls"] == ["https://t.example/1"]
