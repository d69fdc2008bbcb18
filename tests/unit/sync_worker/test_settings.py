"""Which lanes a sync-worker runs."""

import pytest
from pydantic import ValidationError

from shared.tasks import Lane
from sync_worker.settings import Settings

_SERVERS = {"database_url": "postgresql://db/x", "rabbitmq_url": "amqp://mq", "secret_keys": "k"}


def test_a_process_runs_both_lanes_unless_told_otherwise() -> None:
    assert set(Settings.model_validate(_SERVERS).lanes) == {Lane.SYNC, Lane.SYNC_BULK}


@pytest.mark.parametrize(
    ("setting", "left"), [("sync_concurrency", Lane.SYNC_BULK), ("bulk_concurrency", Lane.SYNC)]
)
def test_a_lane_of_no_slots_is_left_to_other_processes(setting: str, left: Lane) -> None:
    assert set(Settings.model_validate(_SERVERS | {setting: 0}).lanes) == {left}


def test_a_worker_without_any_lane_does_not_start() -> None:
    with pytest.raises(ValidationError, match="cannot both be 0"):
        Settings.model_validate(_SERVERS | {"sync_concurrency": 0, "bulk_concurrency": 0})
