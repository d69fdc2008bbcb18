"""What can be marked as done by hand, by whom it was, and what the guides say of it."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest

from query_api.done_by_hand import is_marked_by, noted, why_not
from query_api.manual_steps import DONE, Facts, guide_for
from query_api.repository.shipment_records import ShipmentRow
from query_api.shipment_words import ShipmentState

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
FAILED = ShipmentRow(
    id=UUID(int=1),
    shop_id=1,
    account_id=1,
    order_id="O-1",
    order_number="#1001",
    shipment_id="S-1",
    package_id="1",
    package_number=1,
    label=None,
    carrier="UPS",
    service=None,
    tracking_numbers=["1Z"],
    tracking_url=None,
    shipped_at=NOON,
    items=[],
    quantity=1,
    is_void=False,
    version=1,
    told_version=0,
    target_id=None,
    state=ShipmentState.FAILED,
    task_id=UUID(int=2),
    task_ids=[UUID(int=2)],
    error_count=1,
    error_kind="validation",
    error_message="refused",
    note=None,
    last_attempt_at=None,
    synced_at=None,
    created_at=NOON,
    updated_at=NOON,
)


@pytest.mark.parametrize("state", ShipmentState)
def test_only_a_failed_one_that_nobody_works_on_can_be_marked(state: ShipmentState) -> None:
    row = replace(FAILED, state=state)
    assert (why_not(row, is_under_way=False) is None) == (state is ShipmentState.FAILED)
    assert why_not(row, is_under_way=True)


@pytest.mark.parametrize("state", [ShipmentState.SYNCED, ShipmentState.VOIDED])
def test_who_comes_second_is_told_who_was_first(state: ShipmentState) -> None:
    row = replace(FAILED, state=state, note=noted("Ann", "in Seller Central"))
    assert "Marked as done by hand by Ann: in Seller Central" in (why_not(row, is_under_way=False) or "")


@pytest.mark.parametrize("words", [None, "in Seller Central"])
def test_a_mark_is_known_again_by_its_person_only_and_while_it_holds(words: str | None) -> None:
    row = replace(FAILED, state=ShipmentState.SYNCED, note=noted("Ann", words))
    assert is_marked_by(row, "Ann")
    assert not is_marked_by(row, "An")
    assert not is_marked_by(row, "Ann Other")
    assert not is_marked_by(replace(row, state=ShipmentState.PENDING), "Ann")
    assert not is_marked_by(replace(row, note=None), "Ann")


@pytest.mark.parametrize("kind", ["amazon", "ebay", "shopify"])
@pytest.mark.parametrize(("is_void", "is_known"), [(False, False), (False, True), (True, True)])
def test_every_guide_ends_with_saying_that_it_is_done(kind: str, is_void: bool, is_known: bool) -> None:
    facts = Facts("#1001", "UPS", None, ("1Z",), None, NOON, 1, is_known)
    guide = guide_for(kind, facts, is_void=is_void)
    assert guide is not None
    assert guide.steps[-1] == DONE
    assert guide.steps.count(DONE) == 1
