"""taskiq on RabbitMQ with its results in Postgres. `python -m … COUNT TASK` queues tasks."""

import asyncio
import os
import sys

import httpx
from taskiq_aio_pika import AioPikaBroker
from taskiq_pg.asyncpg import AsyncpgResultBackend

from benchmarks.proof.pipeline.peers.calling import crm_request
from benchmarks.proof.pipeline.peers.starting import wait_for_start

SIDE_BY_SIDE = int(os.environ["CONCURRENCY"])

broker = AioPikaBroker(os.environ["RABBITMQ_URL"], qos=SIDE_BY_SIDE).with_result_backend(
    AsyncpgResultBackend(os.environ["DATABASE_URL"])
)
_client = httpx.AsyncClient()


async def _nothing(_number: int) -> None:
    pass


async def _tell_crm(number: int) -> str:
    answer = await _client.post(**crm_request(number))
    return str(answer.raise_for_status().json())


TASKS = {"noop": broker.task(task_name="noop")(_nothing), "crm": broker.task(task_name="crm")(_tell_crm)}


async def _queue(count: int, task: str) -> None:
    numbers = iter(range(count))

    async def some() -> None:
        for number in numbers:
            await TASKS[task].kiq(number)

    await broker.startup()
    wait_for_start()
    await asyncio.gather(*(some() for _ in range(SIDE_BY_SIDE)))
    await broker.shutdown()


if __name__ == "__main__":
    asyncio.run(_queue(int(sys.argv[1]), sys.argv[2]))
