"""The whole local stack, as a developer starts, breaks and stops it."""

import json
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from devstack.accounts import remove_tree
from devstack.data import DataDirectory
from devstack.processes import Identity, identify
from devstack.services import ALL, is_ready
from devstack.waiting import wait_until

UP_WITHIN_S = 180
DOWN_WITHIN_S = 120
pytestmark = [pytest.mark.acceptance, pytest.mark.long]


@dataclass(frozen=True)
class Running:
    """An `up` of this test's own, with what it prints."""

    process: subprocess.Popen[str]
    data: DataDirectory
    output: Path

    @property
    def stack(self) -> dict[str, Any]:
        content: dict[str, Any] = json.loads(self.data.stack_file.read_text())
        return content

    @property
    def identities(self) -> dict[str, Identity]:
        return {name: identify(pid) for name, pid in self.stack["pids"].items()}

    def stop(self) -> int:
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(DOWN_WITHIN_S)


@pytest.fixture
def data(tmp_path: Path) -> Iterator[DataDirectory]:
    directory = DataDirectory(tmp_path / "data")
    yield directory
    remove_tree(directory.server_home("postgres"))


@contextmanager
def up(data: DataDirectory, *options: str) -> Iterator[Running]:
    output = data.root.with_name("output")
    arguments = ["up", "--no-demo", "--ports", "auto", "--data", str(data.root), *options]
    with output.open("w") as written, dev(*arguments, stdout=written) as process:
        try:
            wait_until(
                lambda: data.stack_file.exists() or process.poll() is not None,
                timeout_s=UP_WITHIN_S,
                every_s=0.2,
            )
            assert data.stack_file.exists(), output.read_text()
            yield Running(process, data, output)
        finally:
            process.terminate()
            process.wait(DOWN_WITHIN_S)


def dev(*arguments: str, stdout: Any = subprocess.PIPE) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "devstack", *arguments]
    return subprocess.Popen(command, stdout=stdout, stderr=subprocess.STDOUT, text=True)


def said_by(*arguments: str) -> str:
    with dev(*arguments) as process:
        return process.communicate(timeout=DOWN_WITHIN_S)[0]


def until(condition: Callable[[], bool]) -> None:
    assert wait_until(condition, timeout_s=60, every_s=0.2)


def until_replaced(running: Running, name: str, pid: int) -> None:
    until(lambda: running.stack["pids"].get(name) not in {None, pid})


def api_status(stack: dict[str, Any]) -> int:
    address, token = stack["query_api_url"], stack["token"]
    request = urllib.request.Request(f"{address}/api/v1/stats", headers={"Authorization": f"Bearer {token}"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        status: int = answer.status
        return status


def test_everything_comes_up_heals_and_goes_down(data: DataDirectory) -> None:
    with up(data) as running:
        stack, started = running.stack, running.identities
        assert set(stack) == {
            *("ingest_url", "query_api_url", "sandbox_url", "mail_url", "token", "demo_shop"),
            *("database_url", "rabbitmq_url", "pids"),
        }
        assert set(stack["demo_shop"]) == {"domain", "webhook_secret"}
        assert set(started) == {"postgres", "rabbitmq", *(service.name for service in ALL)}
        assert all(identity.is_running() for identity in started.values())
        assert api_status(stack) == 200
        assert "already running" in said_by("up", "--ports", "auto", "--data", str(data.root))

        for name in ("alerting", "rabbitmq", "postgres"):
            os.kill(started[name].pid, signal.SIGKILL)
            until_replaced(running, name, started[name].pid)
        until(lambda: is_ready(stack["ingest_url"]))
        assert "alerting was ended by signal 9" in running.output.read_text()

        last = running.identities
        assert running.stop() == 0
    assert not any(identity.is_running() for identity in last.values())
    assert not data.stack_file.exists()


def test_a_second_up_keeps_data_and_token_and_down_stops_it(data: DataDirectory) -> None:
    with up(data) as first:
        before = first.stack
        first.stop()
    with up(data, "--without", "sync-worker,writeback") as second:
        assert second.stack["token"] == before["token"]
        assert second.stack["demo_shop"] == before["demo_shop"]
        assert second.stack["database_url"] == before["database_url"]
        assert api_status(second.stack) == 200
        assert "sync-worker" not in second.stack["pids"]
        assert "Run sync-worker yourself:" in second.output.read_text()
        identities = second.identities
        assert "Stopped" in said_by("down", "--data", str(data.root))
    assert not any(identity.is_running() for identity in identities.values())


def test_a_killed_up_leaves_nothing_that_the_next_down_does_not_end(data: DataDirectory) -> None:
    with up(data) as running:
        identities = running.identities
        running.process.kill()
        running.process.wait()
        said_by("down", "--data", str(data.root))
    assert not any(identity.is_running() for identity in identities.values())
    assert not data.stack_file.exists()
