"""A worker of the product whose tasks do nothing, or make one request to the CRM."""

import os

import httpx

from benchmarks.proof.pipeline.peers.calling import crm_request
from shared.handling import Handler, Outcome, Plain, Run
from shared.observability import configure_logging
from shared.service import run_service
from shared.settings import CommonSettings, load_settings
from shared.tasks import Lane, TaskType
from shared.worker import worker_app

TYPES = {"noop": TaskType.SHOP_WEBHOOK, "crm": TaskType.CUSTOMER_WEBHOOK}


async def do_nothing(_run: Run) -> Outcome:
    return Outcome()


def telling(client: httpx.AsyncClient) -> Handler:
    async def tell_crm(run: Run) -> Outcome:
        answer = await client.post(**crm_request(int(run.payload.body)))
        return Outcome(target_id=answer.raise_for_status().json())

    return tell_crm


def serve() -> None:
    settings = load_settings(CommonSettings)
    configure_logging(settings, service="measured")
    handlers: dict[TaskType, Handler] = {
        TYPES["noop"]: Plain(do_nothing),
        TYPES["crm"]: telling(httpx.AsyncClient()),
    }
    lanes = {Lane.SYNC: int(os.environ["CONCURRENCY"])}
    run_service(worker_app(settings, service="measured", lanes=lanes, handlers=handlers), settings)


if __name__ == "__main__":
    serve()
