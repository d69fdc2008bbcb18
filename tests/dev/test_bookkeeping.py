"""Who runs the stack of a data directory, and what is cleared up after a crash."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from devstack.bookkeeping import only_one, record, stop_running
from devstack.data import DataDirectory, load_secrets, read_json, write_json
from devstack.errors import StackError
from devstack.processes import Identity, end_leftovers, identify, to_record


@contextmanager
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(["sleep", "600"]) as process:
        try:
            yield process
        finally:
            process.kill()


def test_a_second_up_says_that_and_where_the_first_one_runs(tmp_path: Path) -> None:
    data = DataDirectory(tmp_path)
    with only_one(data):
        write_json(data.stack_file, {"query_api_url": "http://127.0.0.1:8080"})
        where = "already running at http://127.0.0.1:8080; ./dev down stops it"
        with pytest.raises(StackError, match=where), only_one(data):
            pass


def test_what_a_crashed_run_left_is_ended_by_the_next(tmp_path: Path) -> None:
    data = DataDirectory(tmp_path)
    with sleeper() as left:
        write_json(data.processes_file, to_record({"ingest": identify(left.pid)}))
        with only_one(data) as ended:
            assert ended == ["ingest"]
        assert left.wait(5) != 0


def test_a_process_number_used_again_by_another_is_left_alone() -> None:
    with sleeper() as stranger:
        assert end_leftovers({"ingest": Identity(stranger.pid, "12345")}) == []
        assert stranger.poll() is None


def test_down_without_anything_running_stops_nothing(tmp_path: Path) -> None:
    assert stop_running(DataDirectory(tmp_path)) == []


def test_what_runs_is_recorded_with_who_runs_it(tmp_path: Path) -> None:
    data = DataDirectory(tmp_path)
    record(data, {"ingest": os.getpid()})
    assert set(read_json(data.processes_file)) == {"ingest", "up"}


def test_secrets_are_made_once_and_are_their_owners_alone(tmp_path: Path) -> None:
    data = DataDirectory(tmp_path)
    first = load_secrets(data)
    assert load_secrets(data) == first
    assert data.secrets_file.stat().st_mode & 0o777 == 0o600
