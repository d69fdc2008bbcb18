"""Procrastinate, whose queue is Postgres. `python -m … COUNT TASK` queues tasks."""

import asyncio
import os
import sys

import httpx
from procrastinate import App, PsycopgConnector

from benchmarks.proof.pipeline.peers.calling import crm_request
from benchmarks.proof.pipeline.peers.starting import wait_for_start

SIDE_BY_SIDE = int(os.environ["CONCURRENCY"])

app = App(connector=PsycopgConnector(conninfo=os.environ["DATABASE_URL"], min_size=2, max_size=10))
_client = httpx.AsyncClient()


async def _nothing(number: int) -> None:
    pass


async def _tell_crm(number: int) -> str:
    answer = await _client.post(**crm_request(number))
    return str(answer.raise_for_status().json())


TASKS = {"noop": app.task(name="noop")(_nothing), "crm": app.task(name="crm")(_tell_crm)}


async def _queue(count: int, task: str) -> None:
    numbers = iter(range(count))

    async def some() -> None:
        for number in numbers:
            await TASKS[task].defer_async(number=number)

    async with app.open_async():
        wait_for_start()
        await asyncio.gather(*(some() for _ in range(SIDE_BY_SIDE)))


if __name__ == "__main__":
    asyncio.run(_queue(int(sys.argv[1]), sys.argv[2]))
