"""Figures and durations as people say them."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from shared.alerts.words import duration, limit, many, moment


@pytest.mark.parametrize(
    ("length", "words"),
    [
        (timedelta(seconds=59), "less than a minute"),
        (timedelta(minutes=1, seconds=59), "1 minute"),
        (timedelta(minutes=59), "59 minutes"),
        (timedelta(hours=1), "1 hour"),
        (timedelta(hours=6, minutes=20), "6 hours 20 minutes"),
        (timedelta(hours=13, minutes=59), "13 hours"),
        (timedelta(hours=71), "71 hours"),
        (timedelta(days=3, hours=1), "3 days 1 hour"),
        (timedelta(days=31, hours=5), "31 days"),
    ],
)
def test_a_duration_is_as_exact_as_it_matters(length: timedelta, words: str) -> None:
    assert duration(length) == words


@pytest.mark.parametrize(
    ("minutes", "words"),
    [
        (1, "1 minute"),
        (90, "90 minutes"),
        (60, "1 hour"),
        (1440, "24 hours"),
        (2160, "36 hours"),
        (4320, "3 days"),
    ],
)
def test_a_limit_is_said_as_it_was_set(minutes: int, words: str) -> None:
    assert limit(minutes) == words


def test_numbers_and_moments_can_be_read() -> None:
    assert (many(1, "order"), many(17_000, "order"), many(2, "retry", "retries")) == (
        "1 order",
        "17,000 orders",
        "2 retries",
    )
    at = datetime(2026, 11, 20, 13, 5, tzinfo=UTC)
    assert moment(at, ZoneInfo("Europe/Prague")) == "Fri 20 Nov 2026 14:05"
