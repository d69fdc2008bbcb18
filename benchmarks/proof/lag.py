"""From a transition's publishing until the API shows its task: idle, and while the pipeline has work."""

import asyncio
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from subprocess import PIPE

import httpx

from benchmarks.proof.figures import Target, percentile
from benchmarks.proof.ground import Ground, Plot
from benchmarks.proof.part import Amount, Part
from benchmarks.proof.pipeline.contenders import CONCURRENCY, SYNCLEDGER
from benchmarks.proof.pipeline.heat import Heat
from benchmarks.proof.pipeline.queueing import SHOP_ID, queued
from benchmarks.proof.programs import running
from devstack.services import QUERY_API
from shared.broker import build_broker, connect_when_up
from shared.publishing import Publisher
from shared.tasks import TaskType

LOAD = 0.7
_PROBES_PER_AMOUNT = 10
_PAUSE_S = 0.02
_POLL_S = 0.005  # asking without a pause would be a load of its own
_PATIENCE_S = 60
_KIND = TaskType.CHECK_WEBHOOK_SUBSCRIPTIONS  # of a lane on which nobody works here


def measure(ground: Ground, amount: Amount) -> Mapping[str, float]:
    """The rate that counts as full load is measured first, on the same plot."""
    probes = amount.probes * _PROBES_PER_AMOUNT
    with ground.plot() as plot:
        plot.add_shop()
        arguments = ("tokens", "create", "--name", "measuring", "--role", "admin")
        token = plot.administer(*arguments).split()[-1]
        api = plot.service(QUERY_API, REQUESTS_PER_MINUTE="1000000")
        settings = {"CONCURRENCY": str(CONCURRENCY), "CRM_URL": "", "CRM_KEY": ""}
        with running([*SYNCLEDGER.programs(plot, **settings), api]):
            address = f"http://127.0.0.1:{api.environment['PORT']}/api/v1"
            probing = _Probing(plot, address, token)
            idle = asyncio.run(probing.lags(probes))
            heat = Heat(SYNCLEDGER, plot, plot.environment(**settings))
            full = amount.tasks / heat.work_off(amount.tasks, "noop")
            with _load(plot, settings, rate=LOAD * full):
                loaded = asyncio.run(probing.lags(probes))
    return {"load: tasks/s": LOAD * full} | _spread("idle", idle) | _spread("70 % load", loaded)


def _spread(name: str, lags: list[float]) -> dict[str, float]:
    return {f"{name}: p{percent}, ms": percentile(lags, percent) * 1_000 for percent in (50, 99)}


class _Probing:
    def __init__(self, plot: Plot, address: str, token: str) -> None:
        self._plot = plot
        self._address = address
        self._headers = {"Authorization": f"Bearer {token}"}

    async def lags(self, count: int) -> list[float]:
        """Seconds, one probe after the other."""
        broker = build_broker(self._plot.rabbitmq_url, app_id="probing")
        await connect_when_up(broker)
        publisher = Publisher(broker)
        async with httpx.AsyncClient(base_url=self._address, headers=self._headers) as api:
            found = [await self._lag(publisher, api, number) for number in range(count)]
        await broker.stop()
        return found

    async def _lag(self, publisher: Publisher, api: httpx.AsyncClient, number: int) -> float:
        transition = queued(_KIND, SHOP_ID, number)
        began = time.perf_counter()
        await publisher.publish([transition])
        async with asyncio.timeout(_PATIENCE_S):
            while (await api.get(f"/tasks/{transition.task.id}")).status_code != httpx.codes.OK:
                await asyncio.sleep(_POLL_S)
        took = time.perf_counter() - began
        await asyncio.sleep(_PAUSE_S)
        return took


@contextmanager
def _load(plot: Plot, settings: Mapping[str, str], *, rate: float) -> Iterator[None]:
    """Tasks are queued at a rate from the beginning to the end of it."""
    command = (*SYNCLEDGER.queue, str(10**9), "noop")
    environment = plot.environment(RATE=str(rate), **settings)
    with subprocess.Popen(command, env=environment, cwd="/", stdin=PIPE, stdout=PIPE) as queueing:
        assert queueing.stdin is not None
        assert queueing.stdout is not None
        queueing.stdout.readline()
        queueing.stdin.write(b"\n")
        queueing.stdin.flush()
        try:
            yield
        finally:
            queueing.kill()


LAG = Part(
    "lag",
    "Lag",
    "From before a transition is published until the API answers with its task, one probe after the other: "
    "idle, and at 70 % of the rate at which no-op tasks were worked off just before.",
    measure,
    (
        Target(
            "log lag p99 at 70 % load, of idle", "70 % load: p99, ms", 5, to="idle: p99, ms", is_floor=False
        ),
    ),
)
