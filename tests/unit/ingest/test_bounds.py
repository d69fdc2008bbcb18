"""What is kept in memory for strangers is bounded."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from ingest.abuse import MAX_ADDRESSES, BadSignatures, client_of
from ingest.recent import RecentTasks
from ingest.refusals import Reason
from ingest.rejections import is_domain, kind_of
from ingest.spool import fitting

NOW = datetime(2026, 11, 20, 16, 15, 47, 5, tzinfo=UTC)


def test_a_client_is_sent_away_after_the_limit_until_the_window_ends() -> None:
    signatures = BadSignatures(limit=2, window_s=60)
    assert [signatures.strike("192.0.2.1", now=second) for second in (0, 1, 2, 30.5)] == [0, 0, 58, 30]
    assert signatures.strike("192.0.2.1", now=60) == 0


def test_another_client_is_not_sent_away() -> None:
    signatures = BadSignatures(limit=1, window_s=60)
    assert [signatures.strike(address, now=0) for address in ("192.0.2.1", "192.0.2.1")] == [0, 60]
    assert signatures.strike("192.0.2.2", now=0) == 0


def test_only_so_many_clients_are_remembered() -> None:
    signatures = BadSignatures(limit=1, window_s=60)
    for number in range(MAX_ADDRESSES + 10):
        signatures.strike(f"client-{number}", now=0)
    assert len(signatures._windows) == MAX_ADDRESSES


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("2001:db8::1", "2001:db8::ffff:2", True),
        ("2001:db8:0:1::1", "2001:db8:0:2::1", False),
        ("192.0.2.1", "192.0.2.2", False),
        ("", "testclient", False),
    ],
)
def test_addresses_of_one_customer_are_one_client(one: str, other: str, is_same: bool) -> None:
    assert (client_of(one) == client_of(other)) is is_same


def test_an_id_is_known_once_it_was_added_and_the_oldest_is_forgotten() -> None:
    recent = RecentTasks(2)
    first, second, third = uuid4(), uuid4(), uuid4()
    assert [recent.add(task_id) for task_id in (first, second, first, third, second)] == [
        False, False, True, False, False,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("acme.myshopify.com", True),
        ("acme-outdoor.myshopify.com", True),
        ("localhost", False),
        ("acme.myshopify.com\n", False),
        ("-acme.myshopify.com", False),
        ("<script>.myshopify.com", False),
        ("a" * 300 + ".myshopify.com", False),
        ("", False),
    ],
)
def test_what_could_be_the_domain_of_a_shop(text: str, is_one: bool) -> None:
    assert is_domain(text) is is_one


def test_a_rejection_names_only_shops_and_topics_that_could_exist() -> None:
    named = kind_of("shopify", "acme.myshopify.com", "orders/create", reason=Reason.BAD_SIGNATURE, at=NOW)
    assert (named.shop_domain, named.topic) == ("acme.myshopify.com", "orders/create")
    assert named.minute == datetime(2026, 11, 20, 16, 15, tzinfo=UTC)
    odd = kind_of("shopify", "'; drop table", "x" * 500, reason=Reason.BAD_SIGNATURE, at=NOW)
    assert (odd.shop_domain, odd.topic) == (None, None)


@pytest.mark.parametrize(
    ("sizes", "fit"),
    [
        ([], []),
        ([(1, 5)], [1]),
        ([(1, 500)], [1]),
        ([(1, 5), (2, 5), (3, 1)], [1, 2]),
        ([(1, 50), (2, 1)], [1]),
    ],
)
def test_a_relay_takes_rows_in_order_while_they_fit_and_one_in_any_case(
    sizes: list[tuple[int, int]], fit: list[int]
) -> None:
    assert fitting(sizes, 10) == fit
