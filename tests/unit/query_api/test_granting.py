"""What administrators may hand on."""

from datetime import UTC, datetime, timedelta

import pytest

from query_api.auth import Grant, Reader, Role
from query_api.granting import NotYours, Wanted, grant_of, may_manage

NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)
LATER = NOW + timedelta(days=1)
OF_ALL = Reader(1, "all", Role.ADMIN, None)
OF_SOME = Reader(2, "some", Role.ADMIN, (1, 2))


def _grant(
    giver: Reader,
    *,
    shop_ids: list[int] | None = None,
    expires_at: datetime | None = None,
    ends_at: datetime | None = None,
) -> Grant:
    wanted = Wanted("w", Role.VIEWER, shop_ids, expires_at)
    return grant_of(wanted, giver, giver_ends_at=ends_at, now=NOW)


def test_where_nothing_is_named_it_is_what_the_giver_has() -> None:
    assert _grant(OF_ALL) == Grant("w", Role.VIEWER, None, None)
    assert _grant(OF_SOME, ends_at=LATER) == Grant("w", Role.VIEWER, (1, 2), LATER)


def test_less_than_the_giver_has_is_fine() -> None:
    assert _grant(OF_ALL, shop_ids=[7, 7]).shop_ids == (7,)
    assert _grant(OF_SOME, shop_ids=[2], expires_at=LATER) == Grant("w", Role.VIEWER, (2,), LATER)


@pytest.mark.parametrize(
    ("shop_ids", "expires_at", "ends_at", "field"),
    [
        ([3], None, None, "shops"),
        ([1, 3], None, None, "shops"),
        (None, NOW, None, "expires_at"),
        (None, LATER + timedelta(seconds=1), LATER, "expires_at"),
    ],
)
def test_more_than_the_giver_has_is_refused(
    shop_ids: list[int] | None, expires_at: datetime | None, ends_at: datetime | None, field: str
) -> None:
    with pytest.raises(NotYours) as refused:
        _grant(OF_SOME, shop_ids=shop_ids, expires_at=expires_at, ends_at=ends_at)
    assert refused.value.field == field


def test_only_tokens_for_ones_own_shops_may_be_managed() -> None:
    assert may_manage(OF_ALL, None)
    assert may_manage(OF_ALL, [9])
    assert all(may_manage(OF_SOME, ids) for ids in ([1], [1, 2]))
    assert not any(may_manage(OF_SOME, ids) for ids in ([1, 3], [], None))
