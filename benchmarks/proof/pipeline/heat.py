"""One contender at work."""

import asyncio
import subprocess
import time
from collections.abc import Mapping
from subprocess import PIPE

from benchmarks.proof.ground import Plot
from benchmarks.proof.pipeline.contenders import Contender
from benchmarks.proof.seeing import until
from devstack.errors import StackError


class Heat:
    """`environment`: of the process that queues the tasks, of which it makes as many as it is asked for."""

    def __init__(self, contender: Contender, plot: Plot, environment: Mapping[str, str]) -> None:
        self._contender = contender
        self._plot = plot
        self._environment = environment
        self._queued = 0

    @property
    def servers(self) -> list[int]:
        """Pids of Postgres and RabbitMQ."""
        return [pid for server in self._plot.ground.servers.values() for pid in server.pids.values()]

    def work_off(self, count: int, task: str) -> float:
        """Seconds from the first of so many tasks until everything of the last is recorded."""
        self._queued += count
        command = (*self._contender.queue, str(count), task)
        with subprocess.Popen(
            command, env=dict(self._environment), cwd="/", text=True, stdin=PIPE, stdout=PIPE, stderr=PIPE
        ) as queueing:
            assert queueing.stdout is not None
            queueing.stdout.readline()
            began = time.monotonic()
            _, complaint = queueing.communicate("\n")
        if queueing.returncode != 0:
            raise StackError(f"{self._contender.name} could not be given tasks:\n{complaint[-2000:]}")
        asyncio.run(until(self._plot.database_url, self._contender.done, self._queued))
        return time.monotonic() - began
