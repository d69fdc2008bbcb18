"""Queues tasks as ingest would: `python -m … COUNT TASK`, one confirmed message for each."""

import asyncio
import os
import sys
import time

from benchmarks.proof.pipeline.peers.starting import wait_for_start
from benchmarks.proof.pipeline.worker import TYPES
from shared.broker import build_broker, connect_when_up
from shared.envelope import Payload, State, TaskHeader, Transition, utc_now
from shared.identity import new_task_id
from shared.publishing import Publisher
from shared.tasks import TaskType

SHOP_ID = 1  # the only one there is


async def queue(count: int, task: str, rate: float) -> None:
    """So many, each as soon as one before it is confirmed, at `rate` a second at most."""
    broker = build_broker(os.environ["RABBITMQ_URL"], app_id="measuring")
    await connect_when_up(broker)
    wait_for_start()
    publisher, numbers, began = Publisher(broker), iter(range(count)), time.monotonic()

    async def some() -> None:
        for number in numbers:
            await asyncio.sleep(began + number / rate - time.monotonic())
            await publisher.publish([queued(TYPES[task], SHOP_ID, number)])

    await asyncio.gather(*(some() for _ in range(int(os.environ["CONCURRENCY"]))))
    await broker.stop()


def queued(task_type: TaskType, shop_id: int, number: int) -> Transition:
    now = utc_now()
    header = TaskHeader(id=new_task_id(), type=task_type, shop_id=shop_id, queued_at=now, max_attempts=5)
    payload = Payload(body=str(number).encode())
    return Transition(
        task=header, state=State.QUEUED, attempt=1, occurred_at=now, service="measuring", payload=payload
    )


if __name__ == "__main__":
    asyncio.run(queue(int(sys.argv[1]), sys.argv[2], float(os.environ.get("RATE", "inf"))))
