"""Small decisions of recorder and maintenance."""

from datetime import UTC, date, datetime, timedelta

import asyncpg
import pytest
from pydantic import SecretStr

from query_api.maintenance.retention import cut_offs
from query_api.maintenance.selfcheck import sample_moments
from query_api.recorder.progress import progress
from query_api.recorder.recording import hindrance, reason_of
from query_api.recorder.settings import RecorderSettings
from query_api.recorder.writing import RebuildRunning

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
EARLIER = NOW - timedelta(minutes=1)


@pytest.mark.parametrize(
    ("newest", "is_caught_up", "as_of"),
    [
        (EARLIER, True, NOW),
        (None, True, NOW),
        (EARLIER, False, EARLIER),
        (NOW + timedelta(minutes=1), False, NOW),
        (None, False, None),
    ],
)
def test_the_log_is_complete_until_now_or_until_what_was_recorded_last(
    newest: datetime | None, is_caught_up: bool, as_of: datetime | None
) -> None:
    assert progress(NOW, newest, is_caught_up=is_caught_up) == as_of


def test_each_table_keeps_its_days() -> None:
    settings = RecorderSettings(
        database_url=SecretStr(""),
        rabbitmq_url=SecretStr(""),
        secret_keys=SecretStr(""),
        log_retention_days=100,
    )
    assert cut_offs(settings, NOW.date()) == {
        "ledger.payloads": date(2026, 10, 21),
        "ledger.task_events": date(2026, 8, 12),
        "ledger.tasks": date(2026, 8, 12),
        "ledger.deleted_tasks": date(2026, 8, 12),
        "store.inbox": date(2026, 10, 21),
    }


def test_half_of_the_sample_is_of_the_last_day() -> None:
    moments = sample_moments(NOW, timedelta(days=180))
    assert sum(moment > NOW - timedelta(days=1) for moment in moments) >= len(moments) // 2
    assert all(NOW - timedelta(days=180) <= moment <= NOW for moment in moments)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (asyncpg.DeadlockDetectedError(), "contention"),
        (RebuildRunning(), "rebuild"),
        (asyncpg.CannotConnectNowError(), "database"),
        (ConnectionRefusedError(), "database"),
        (TimeoutError(), "database"),
        (asyncpg.UndefinedTableError(), "unexpected"),
        (KeyError("x"), "unexpected"),
    ],
)
def test_what_is_in_the_way_has_a_name(error: Exception, reason: str) -> None:
    assert hindrance(error) == reason


def test_a_reason_does_not_repeat_refused_values() -> None:
    assert "private" not in reason_of(asyncpg.DataError("invalid input: 'private'"))
    assert "private" not in reason_of(ValueError("private"))
