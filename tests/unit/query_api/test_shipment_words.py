"""How shipments and orders stand, in the words people know; and what of them can be started again."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from query_api.repository.shipment_records import Shipper
from query_api.shipment_words import (
    REQUIRES_SYNC,
    WORDS,
    Fulfilment,
    ShipmentState,
    Tally,
    fulfilment_of,
    message_of,
)
from query_api.sync_plan import AccountShare, Kind, Reason, planned, rate_of, refusal, start_message

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
NOTHING = Tally(pending=0, synced=0, failed=0, voided=0, ordered=None, units_synced=0)
SELLER = Shipper(
    id=1,
    shop_id=1,
    domain="one.example",
    kind="amazon",
    name="Amazon EU",
    settings={},
    is_active=True,
    is_shop_active=True,
    problem=None,
    paused_until=None,
    pause_reason=None,
    is_hold=False,
)
FAILED = Kind(1, ShipmentState.FAILED, is_left_to_people=False)


def test_the_words_are_those_of_shipping_software() -> None:
    assert [WORDS[state] for state in ShipmentState] == [
        "Fulfillment Pending",
        "Prepared",
        "Failed",
        "Voided",
    ]


@pytest.mark.parametrize(
    ("tally", "fulfilment", "message"),
    [
        (replace(NOTHING, pending=1), Fulfilment.NONE, None),
        (replace(NOTHING, voided=1), Fulfilment.NONE, None),
        (replace(NOTHING, failed=1), Fulfilment.NONE, REQUIRES_SYNC),
        (replace(NOTHING, failed=1, synced=1), Fulfilment.PARTIAL, REQUIRES_SYNC),
        (replace(NOTHING, pending=1, synced=1), Fulfilment.PARTIAL, None),
        (replace(NOTHING, synced=1), Fulfilment.ALL, None),
        (replace(NOTHING, synced=1, voided=1), Fulfilment.ALL, None),
        (replace(NOTHING, synced=1, ordered=3, units_synced=2), Fulfilment.PARTIAL, None),
        (replace(NOTHING, synced=2, ordered=3, units_synced=3), Fulfilment.ALL, None),
    ],
    ids=str,
)
def test_an_order_says_what_its_shop_knows_and_what_is_to_do(
    tally: Tally, fulfilment: Fulfilment, message: str | None
) -> None:
    assert (fulfilment_of(tally), message_of(tally)) == (fulfilment, message)


@pytest.mark.parametrize(
    ("kind", "shipper", "reason"),
    [
        (FAILED, SELLER, None),
        (replace(FAILED, is_left_to_people=True), SELLER, Reason.TAKES_NOTHING_BACK),
        (replace(FAILED, is_left_to_people=True), replace(SELLER, kind="shopify"), None),
        (FAILED, replace(SELLER, is_active=False), Reason.ACCOUNT_OFF),
        (FAILED, replace(SELLER, is_active=False, is_shop_active=False), Reason.SHOP_OFF),
        (FAILED, replace(SELLER, is_hold=True, paused_until=NOW), None),
        (replace(FAILED, state=ShipmentState.SYNCED), SELLER, Reason.ALREADY_SYNCED),
        (replace(FAILED, state=ShipmentState.PENDING), SELLER, Reason.ALREADY_PENDING),
        (replace(FAILED, state=ShipmentState.VOIDED), SELLER, Reason.VOIDED),
    ],
    ids=str,
)
def test_only_what_failed_and_can_work_is_started(
    kind: Kind, shipper: Shipper, reason: Reason | None
) -> None:
    assert refusal(kind, shipper) is reason


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, ""),
        ({"problem": "token refused", "paused_until": NOW}, " entered again: token refused"),
        ({"paused_until": NOW, "pause_reason": "Too many"}, " waits until 2026-11-20 12:00:00 UTC: Too many"),
        ({"paused_until": NOW}, "12:00:00 UTC: its account pauses"),
    ],
    ids=["now", "credentials", "pause", "pause without a reason"],
)
def test_what_was_started_says_what_it_waits_for(changes: dict[str, Any], words: str) -> None:
    message = start_message(replace(SELLER, **changes))
    assert message.startswith("It was started")
    assert message.endswith(words or "started.")


def test_a_plan_counts_by_account_and_reason() -> None:
    other = replace(SELLER, id=2, is_active=False)
    synced = replace(FAILED, state=ShipmentState.SYNCED)
    plan = planned([(FAILED, 3), (replace(FAILED, account_id=2), 4), (synced, 5)], {1: SELLER, 2: other})
    assert plan.to_start == {1: 3}
    assert plan.refused == {Reason.ACCOUNT_OFF: 4, Reason.ALREADY_SYNCED: 5}
    assert plan.matching == 12


@pytest.mark.parametrize(
    ("kind", "budgets", "rate"),
    [
        ("amazon", {}, 2.0),
        ("amazon", {"confirmShipment": 0.5, "getOrder": 9}, 0.5),
        ("shopify", {"graphql": 100}, 4.0),
        ("shopify", {"graphql": 0}, 0.1),
        ("ebay", {}, 5.0),
        ("other", {}, 1.0),
    ],
)
def test_the_rate_is_the_accounts_own_where_it_is_known(
    kind: str, budgets: dict[str, float], rate: float
) -> None:
    assert rate_of(kind, budgets) == rate


def test_a_pause_comes_before_the_work() -> None:
    paused = replace(SELLER, paused_until=NOW + timedelta(seconds=60))
    assert AccountShare(paused, 5, 2.0).seconds_until_done(NOW) == 63
    assert AccountShare(paused, 5, 2.0).seconds_until_done(NOW + timedelta(hours=1)) == 3
