"""The whole product as a newcomer starts it, on servers the test may stop: `./dev up` in a subprocess."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import httpx

from devstack.administering import Administration
from devstack.servers import OwnPostgres, OwnRabbit
from shared.vault import Vault

START_TIMEOUT_S = 120
STOP_TIMEOUT_S = 90
UNDER_WAY = """
    SELECT type, state, attempt, count(*) AS n, max(due_at)::text AS due, max(error_message) AS error
    FROM ledger.tasks WHERE state NOT IN ('succeeded', 'failed') GROUP BY 1, 2, 3
"""
TASKS_SINCE = """
    SELECT s.domain, t.type, t.state, t.attempt || '/' || t.max_attempts AS attempts,
           'made ' || t.created_at::time(1) AS made, 'began ' || t.started_at::time(1) AS began,
           'ended ' || t.completed_at::time(1) AS ended, 'due ' || t.due_at::time(1) AS due,
           t.error_message, t.note, t.summary
    FROM ledger.tasks t LEFT JOIN store.shops s ON s.id = t.shop_id
    WHERE t.updated_at >= to_timestamp($1) OR t.completed_at IS NULL ORDER BY t.shop_id, t.task_id
"""
# Tasks that led to some that are not in the log yet.
LEADING_ON = """
    SELECT e.task_id FROM ledger.task_events e, jsonb_array_elements_text(e.detail->'follow_ups') f
    WHERE NOT EXISTS (SELECT 1 FROM ledger.tasks t WHERE t.task_id = f::uuid)
"""
UNFINISHED = "SELECT count(*) FROM ledger.tasks WHERE state NOT IN ('succeeded', 'failed')"


@dataclass(frozen=True)
class Reachable:
    """A running stack, however it was started. `facts` is read anew at each use: a process may be another."""

    data: Path

    @property
    def facts(self) -> dict[str, Any]:
        facts: dict[str, Any] = json.loads((self.data / "stack.json").read_text())
        return facts

    def sandbox(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(base_url=self.facts["sandbox_url"], timeout=30)

    def mail(self) -> httpx.AsyncClient:
        """Where mail is caught."""
        return httpx.AsyncClient(base_url=self.facts["mail_url"], timeout=30)

    def api(self) -> httpx.AsyncClient:
        headers = {"Authorization": f"Bearer {self.facts['token']}"}
        return httpx.AsyncClient(
            base_url=f"{self.facts['query_api_url']}/api/v1", headers=headers, timeout=30
        )

    def ingest(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(base_url=self.facts["ingest_url"], timeout=10)

    async def fetch(self, query: str, *arguments: object) -> list[dict[str, Any]]:
        connection = await asyncpg.connect(self.facts["database_url"])
        try:
            return [dict(row) for row in await connection.fetch(query, *arguments)]
        finally:
            await connection.close()

    async def tasks_since(self, at: float) -> list[dict[str, Any]]:
        """What changed since that second or is not over yet, by shop."""
        return await self.fetch(TASKS_SINCE, at)

    async def wait_until_quiet(self, *, tasks: int, timeout_s: float) -> None:
        """Until at least so many deliveries are recorded and every task is over."""
        try:
            async with asyncio.timeout(timeout_s):
                while not await self._is_quiet(tasks):
                    await asyncio.sleep(0.5)
        except TimeoutError:
            raise AssertionError(f"not quiet after {timeout_s} s: {await self.fetch(UNDER_WAY)}") from None

    async def _is_quiet(self, tasks: int) -> bool:
        try:
            first = await self.fetch(
                "SELECT count(*) AS n FROM ledger.tasks WHERE parent_id IS NULL AND type LIKE '%Webhook'"
            )
            unfinished = await self.fetch(UNFINISHED)
            orphans = await self.fetch(f"SELECT count(*) AS n FROM ({LEADING_ON}) AS parents")
        except (OSError, asyncpg.PostgresError):
            return False
        return bool(first[0]["n"] >= tasks and unfinished[0]["count"] == 0 and orphans[0]["n"] == 0)


@dataclass(frozen=True)
class Stack(Reachable):
    """One that `./dev up` started, on servers the test may stop."""

    process: subprocess.Popen[bytes]
    postgres: OwnPostgres
    rabbitmq: OwnRabbit
    administration: Administration

    def kill(self, service: str) -> None:
        """SIGKILL; the stack starts it again."""
        os.kill(self.facts["pids"][service], signal.SIGKILL)

    async def cli(self, *arguments: str) -> str:
        """Runs `query-api …` as an operator would."""
        return await asyncio.to_thread(self.administer, *arguments)

    def administer(self, *arguments: str) -> str:
        """The same for those who can wait."""
        secrets = json.loads((self.data / "secrets.json").read_text())
        environment = os.environ | {
            "DATABASE_URL": self.facts["database_url"],
            "RABBITMQ_URL": self.facts["rabbitmq_url"],
            "SECRET_KEYS": ",".join(secrets["secret_keys"]),
        }
        done = self.administration.run(environment, *arguments)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    def vault(self) -> Vault:
        return Vault(",".join(json.loads((self.data / "secrets.json").read_text())["secret_keys"]))


@contextmanager
def running_stack(
    data: Path, postgres: OwnPostgres, rabbitmq: OwnRabbit, changes: Mapping[str, str] | None = None
) -> Iterator[Stack]:
    """Brings the stack up without traffic and takes it down again, by the signal a terminal would send.

    `changes`: of the environment it is started with.
    """
    command = [sys.executable, "-m", "devstack", "up", "--ports", "auto", "--no-demo", "--data", str(data)]
    environment = os.environ | {
        "DATABASE_URL": postgres.url,
        "RABBITMQ_URL": rabbitmq.url,
        "LOG_FORMAT": "json",
        "ERASURE_SECOND_LOOK_S": "1",
        "ALERT_INTERVAL_S": "1",
        **(changes or {}),
    }
    data.mkdir(parents=True, exist_ok=True)
    with (data / "up.log").open("wb") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=subprocess.STDOUT)
    try:
        _wait_for(data / "stack.json", process)
        with closing(Administration()) as administration:
            yield Stack(data, process, postgres, rabbitmq, administration)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(STOP_TIMEOUT_S)


def _wait_for(path: Path, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while not path.exists():
        if process.poll() is not None or time.monotonic() > deadline:
            raise AssertionError((path.parent / "up.log").read_text()[-4000:])
        time.sleep(0.1)
