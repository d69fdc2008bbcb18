"""Celery on RabbitMQ with its results in Postgres. `python -m … COUNT TASK` queues tasks."""

import os
import sys

import httpx
from celery import Celery

from benchmarks.proof.pipeline.peers.calling import crm_request
from benchmarks.proof.pipeline.peers.starting import wait_for_start

app = Celery(
    "peer",
    broker=os.environ["RABBITMQ_URL"].replace("amqp://", "pyamqp://"),
    backend=os.environ["DATABASE_URL"].replace("postgresql://", "db+postgresql+psycopg://"),
)
app.conf.update(
    task_acks_late=True,
    task_track_started=True,
    task_default_queue="tasks",
    task_default_queue_type="quorum",
    task_default_exchange_type="topic",
    broker_transport_options={"confirm_publish": True},
    worker_enable_remote_control=False,
)
_client = httpx.Client()


def _nothing(_number: int) -> None:
    pass


def _tell_crm(number: int) -> str:
    answer = _client.post(**crm_request(number))
    return str(answer.raise_for_status().json())


TASKS = {"noop": app.task(name="noop")(_nothing), "crm": app.task(name="crm")(_tell_crm)}

if __name__ == "__main__":
    wanted = TASKS[sys.argv[2]]
    wait_for_start()
    for each in range(int(sys.argv[1])):
        wanted.delay(each)
