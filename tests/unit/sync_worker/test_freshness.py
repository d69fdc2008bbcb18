"""Which state wins, whatever the order of arrival."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync_worker.freshness import Freshness, Known, Stamp, content_hash, freshness
from tests.unit.sync_worker.bodies import customer, line_body, order, order_body

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
BEFORE, AFTER = NOON - timedelta(seconds=1), NOON + timedelta(seconds=1)


def known(updated: datetime | None, triggered: datetime | None, content: bytes = b"a") -> Known:
    return Known(Stamp(updated, triggered), content)


@pytest.mark.parametrize(
    ("stored", "arriving", "verdict"),
    [
        ((NOON, None), (AFTER, None), Freshness.NEWER),
        ((NOON, None), (BEFORE, None), Freshness.OLDER),
        ((NOON, NOON), (BEFORE, AFTER), Freshness.OLDER),
        ((NOON, NOON), (AFTER, BEFORE), Freshness.NEWER),
        ((NOON, NOON), (NOON, AFTER), Freshness.NEWER),
        ((NOON, NOON), (NOON, BEFORE), Freshness.OLDER),
        ((NOON, NOON), (NOON, NOON), Freshness.NEWER),
        ((None, NOON), (None, BEFORE), Freshness.OLDER),
        ((NOON, None), (None, BEFORE), Freshness.NEWER),
        ((None, None), (None, None), Freshness.NEWER),
    ],
)
def test_the_things_own_clock_decides_and_then_the_senders(
    stored: tuple[datetime | None, datetime | None],
    arriving: tuple[datetime | None, datetime | None],
    verdict: Freshness,
) -> None:
    assert freshness(known(*stored), Stamp(*arriving), b"b") is verdict


def test_the_same_content_is_no_work_but_an_older_one_is_still_older() -> None:
    assert freshness(known(NOON, None), Stamp(AFTER), b"a") is Freshness.UNCHANGED
    assert freshness(known(NOON, None), Stamp(NOON), b"a") is Freshness.UNCHANGED
    assert freshness(known(NOON, None), Stamp(BEFORE), b"a") is Freshness.OLDER


def test_what_was_deleted_never_comes_back() -> None:
    grave = Known(Stamp(BEFORE), is_deleted=True)
    assert freshness(grave, Stamp(AFTER, AFTER), b"b") is Freshness.DELETED


def test_moments_in_other_offsets_are_the_same_moment() -> None:
    elsewhere = customer(updated_at="2026-11-20T13:00:00+01:00").updated_at
    assert freshness(known(NOON, None), Stamp(elsewhere), b"a") is Freshness.UNCHANGED


@given(st.permutations(range(6)))
def test_the_newest_state_is_the_one_that_stays_whatever_the_order(arrivals: list[int]) -> None:
    stored = Known()
    for number in arrivals:
        stamp, content = Stamp(NOON + timedelta(seconds=number)), bytes([number])
        if freshness(stored, stamp, content) is Freshness.NEWER:
            stored = Known(stamp, content)
    assert stored.content_hash == bytes([5])


def test_only_what_matters_counts_as_a_change() -> None:
    plain = content_hash(order())
    later = {"updated_at": "2026-11-21T00:00:00+01:00"}
    assert content_hash(order(**later, tags="vip", note="ring twice")) == plain
    embedded = order_body()["customer"] | later
    assert content_hash(order(customer=embedded)) == plain
    assert content_hash(order(fulfillment_status="fulfilled")) != plain


def test_the_order_of_lines_is_no_content() -> None:
    lines = [line_body(), line_body(id=13002, sku="CUP-1")]
    assert content_hash(order(line_items=lines)) == content_hash(order(line_items=lines[::-1]))
    twice = [{**lines[0], "quantity": 3, "current_quantity": 3}, lines[1]]
    assert content_hash(order(line_items=lines)) != content_hash(order(line_items=twice))
