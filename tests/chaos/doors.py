"""What ingest is sent on top of the traffic: huge bodies, and the same delivery at two of its processes."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx

from tests.acceptance.shop import customer, deliver
from tests.acceptance.stack import Reachable
from tests.chaos import history as told
from tests.chaos.history import Facts
from tests.chaos.scene import Scene, insistently
from tests.chaos.schedule import Fault

TOPIC = "customers/create"
SIZES = (4 * 1024**2, 6 * 1024**2)  # ingest reads at most 5 MiB
# Nobody's in the traffic.
FIRST_CUSTOMER = 9_000_000
CUSTOMERS_A_FAULT = 100


@dataclass(frozen=True)
class Elsewhere(Reachable):
    """The stack with another process of ingest."""

    address: str

    def ingest(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(base_url=self.address, timeout=10)


@asynccontextmanager
async def enlarged(scene: Scene, fault: Fault, facts: Facts) -> AsyncIterator[None]:
    """One body that is as large as may be, and one that is too large, each sent until it is answered."""
    facts["answers"] = []
    for number, size in enumerate(SIZES):
        body = customer(_customer_id(fault, number), note="x" * size)
        webhook_id = str(uuid.uuid4())

        async def send(body: bytes = body, webhook_id: str = webhook_id) -> None:
            answer = await deliver(scene.stack, TOPIC, body, webhook_id=webhook_id)
            if answer.status_code >= 500:
                raise TimeoutError
            facts["answers"].append([len(body), answer.status_code])
            _note(scene, webhook_id, [answer])

        await insistently(send, httpx.HTTPError, TimeoutError)
    yield


async def visit_both(scene: Scene, fault: Fault, address: str) -> None:
    """The same delivery at both doors at once, once a second; until cancelled."""
    other = Elsewhere(scene.stack.data, address)
    for number in range(CUSTOMERS_A_FAULT):
        webhook_id, body = str(uuid.uuid4()), customer(_customer_id(fault, number))
        visits = (deliver(stack, TOPIC, body, webhook_id=webhook_id) for stack in (scene.stack, other))
        answers = await asyncio.gather(*visits, return_exceptions=True)
        _note(scene, webhook_id, [one for one in answers if isinstance(one, httpx.Response)])
        await asyncio.sleep(1)


def _note(scene: Scene, webhook_id: str, answers: list[httpx.Response]) -> None:
    if any(answer.is_success for answer in answers):
        scene.history.note(told.DELIVERED, key=f"shopify:webhook:{webhook_id}")


def _customer_id(fault: Fault, number: int) -> int:
    return FIRST_CUSTOMER + CUSTOMERS_A_FAULT * fault.number + number
