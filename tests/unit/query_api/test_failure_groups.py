"""How a kind of failure stands over several shops, its trend, and lists of them."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from query_api.failures.groups import Direction, Failure, FailureState, ShopFailures, merged, trend_of
from query_api.failures.paging import FailureQuery, FailureSort, page_of
from query_api.places import InvalidCursor, Place

NOW = datetime(2026, 11, 20, 12, 30, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NEW, KNOWN, RESOLVED, BACK = FailureState


def failures(shop_id: int = 1, fingerprint: str = "f1", **changes: Any) -> ShopFailures:
    values: dict[str, Any] = {
        "shop_id": shop_id,
        "domain": f"{shop_id}.example",
        "fingerprint": fingerprint,
        "type": "SyncOrder",
        "error_kind": "rejected",
        "place": "SyncOrder",
        "message": f"of {shop_id}",
        "remedy": "mend it",
        "n": 1,
        "first_at": NOW - 9 * DAY,
        "last_at": NOW - HOUR,
        "example_id": UUID(int=shop_id),
        "example_order": None,
        "resolved_at": None,
        "resolved_by": None,
        "back_at": None,
    }
    return ShopFailures(**values | changes)


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({"first_at": NOW - 23 * HOUR}, NEW),
        ({}, KNOWN),
        ({"first_at": NOW - HOUR, "resolved_at": NOW}, RESOLVED),
        ({"resolved_at": NOW - DAY, "back_at": NOW}, BACK),
    ],
)
def test_a_kind_is_new_known_resolved_or_back(changes: dict[str, Any], state: FailureState) -> None:
    assert failures(**changes).state(NOW) is state


@pytest.mark.parametrize(
    ("others", "state"),
    [
        ([{"resolved_at": NOW}], RESOLVED),
        ([{"resolved_at": NOW}, {}], KNOWN),
        ([{"resolved_at": NOW}, {"first_at": NOW}], NEW),
        ([{"first_at": NOW}, {}], KNOWN),
        ([{}, {"first_at": NOW}, {"resolved_at": NOW, "back_at": NOW}], BACK),
    ],
)
def test_over_several_shops_the_worst_counts(others: list[dict[str, Any]], state: FailureState) -> None:
    shops = tuple(failures(number, **changes) for number, changes in enumerate(others))
    assert Failure(shops).state(NOW) is state


def test_shops_add_up_and_the_newest_speaks() -> None:
    (both, other) = merged(
        [failures(1, n=2), failures(2, "f2"), failures(3, n=3, first_at=NOW - 30 * DAY, last_at=NOW)]
    )
    assert (both.n, both.first_at, both.last_at, both.newest.message) == (5, NOW - 30 * DAY, NOW, "of 3")
    assert other.fingerprint == "f2"


def test_a_trend_has_every_hour_and_nothing_older() -> None:
    this_hour = NOW.replace(minute=0)
    trend = trend_of(
        [(this_hour, 2), (this_hour, 1), (this_hour - 3 * HOUR, 4), (this_hour - 9 * DAY, 7)], NOW, 48
    )
    assert (len(trend.hours), trend.hours[-4:], sum(trend.hours)) == (48, (4, 0, 0, 3), 7)
    assert trend.start == this_hour - 47 * HOUR


@pytest.mark.parametrize(
    ("day_before", "last_24h", "direction"),
    [
        (0, 0, Direction.STEADY),
        (0, 1, Direction.RISING),
        (4, 6, Direction.STEADY),
        (4, 7, Direction.RISING),
        (6, 4, Direction.STEADY),
        (7, 4, Direction.FALLING),
    ],
)
def test_a_trend_rises_or_falls_when_it_is_much(day_before: int, last_24h: int, direction: Direction) -> None:
    counted = [(NOW.replace(minute=0) - 30 * HOUR, day_before), (NOW.replace(minute=0), last_24h)]
    assert trend_of(counted, NOW, 48).direction is direction


@pytest.mark.parametrize("sort", FailureSort)
@pytest.mark.parametrize("descending", [True, False])
def test_pages_follow_each_other_both_ways(sort: FailureSort, *, descending: bool) -> None:
    found = [
        Failure((failures(fingerprint=f"f{number}", n=number % 3, last_at=NOW - number % 4 * HOUR),))
        for number in range(11)
    ]
    query = FailureQuery((1,), NOW, is_since_given=False, sort=sort, descending=descending)
    page = page_of(found, query, None, limit=3)
    pages = [[one.fingerprint for one in page.failures]]
    while page.next is not None:
        page = page_of(found, query, page.next, limit=3)
        pages.append([one.fingerprint for one in page.failures])
    assert sorted(fingerprint for page in pages for fingerprint in page) == sorted(
        one.fingerprint for one in found
    )
    assert [len(page) for page in pages] == [3, 3, 3, 2]
    before = page_of(found, query, page.previous, limit=3)
    assert [one.fingerprint for one in before.failures] == pages[-2]


def test_a_place_of_another_shape_is_none() -> None:
    for sort, keys in (
        (FailureSort.COUNT, ("x", "f")),
        (FailureSort.LAST, (3, "f")),
        (FailureSort.LAST, ("f",)),
    ):
        query = FailureQuery((1,), NOW, is_since_given=False, sort=sort)
        with pytest.raises(InvalidCursor):
            page_of([], query, Place(keys, is_forward=True), limit=1)


def test_a_question_is_the_same_a_moment_later_unless_the_moment_was_asked_for() -> None:
    def mark(since: datetime, *, is_given: bool) -> bytes:
        return FailureQuery((1,), since, is_since_given=is_given).mark

    assert mark(NOW, is_given=False) == mark(NOW - DAY, is_given=False)
    assert mark(NOW, is_given=True) != mark(NOW - DAY, is_given=True)
