"""How things are put for people."""

from datetime import UTC, datetime, timedelta

import pytest

from query_api.console import formatting

NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("milliseconds", "text"),
    [
        (None, "—"),
        (0, "<1ms"),
        (0.4, "<1ms"),
        (412.7, "412ms"),
        (999.9, "999ms"),
        (1_000, "1s"),
        (3_999, "3s"),
        (30_000, "30s"),
        (60_000, "1m"),
        (135_000, "2m 15s"),
        (3_600_000, "1h"),
        (3_840_000, "1h 4m"),
        (183_600_000, "2d 3h"),
    ],
)
def test_durations(milliseconds: float | None, text: str) -> None:
    assert formatting.duration(milliseconds) == text


@pytest.mark.parametrize(
    ("ago", "text"),
    [
        (timedelta(0), "just now"),
        (timedelta(seconds=1), "just now"),
        (timedelta(seconds=4), "4 seconds ago"),
        (timedelta(seconds=59), "59 seconds ago"),
        (timedelta(minutes=1), "1 minute ago"),
        (timedelta(minutes=5, seconds=40), "5 minutes ago"),
        (timedelta(hours=1), "1 hour ago"),
        (timedelta(days=3), "3 days ago"),
        (timedelta(seconds=-3), "in 3 seconds"),
        (timedelta(minutes=-5), "in 5 minutes"),
    ],
)
def test_relative_times(ago: timedelta, text: str) -> None:
    assert formatting.relative(NOW - ago, NOW) == text


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (None, "—"),
        (0, "0%"),
        (0.00004, "<0.1%"),
        (0.005, "0.5%"),
        (0.0994, "9.9%"),
        (0.1, "10%"),
        (0.5, "50%"),
        (0.955, "95.5%"),
        (0.99996, ">99.9%"),
        (1, "100%"),
    ],
)
def test_shares_are_never_rounded_to_all_or_none(share: float | None, text: str) -> None:
    assert formatting.percent(share) == text


def test_numbers_sizes_and_moments() -> None:
    assert formatting.number(1_234_567) == "1\u202f234\u202f567"
    assert [formatting.size(count) for count in (0, 812, 4_096, 2_300_000)] == [
        "0 B",
        "812 B",
        "4.1 kB",
        "2.3 MB",
    ]
    assert formatting.exact(NOW) == "2026-11-21 08:00:00.000 UTC"
    assert formatting.machine(NOW + timedelta(microseconds=1_999)) == "2026-11-21T08:00:00.001Z"
    assert formatting.attempts(2, 5) == "2 of 5"
    assert formatting.elapsed_ms(NOW - timedelta(seconds=3), NOW) == 3_000


@pytest.mark.parametrize("name", ["SyncOrder", "HandleBulkImportCreateRequest", "CRM", "x", ""])
def test_long_names_may_break_between_their_words(name: str) -> None:
    assert "".join(formatting.words_of(name)) == name
    assert formatting.words_of("SyncOrder") == ["Sync", "Order"]
