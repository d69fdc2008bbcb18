"""Making the shipping software report, and its own pace."""

import asyncio
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.answers import InvalidInput, count_parameter, json_answer, json_object, read_model
from sandbox.packing.packer import Packer
from sandbox.sending.courier import Courier
from sandbox.sending.ledger import Ledger
from sandbox.sending.manners import Manners
from sandbox.sending.standard import BadSecret, key_of

_IDLE_POLL_S = 1.0
_CHANGEABLE = frozenset({"shop", "secret", "every_s"})


@dataclass
class Packing:
    """The shipping software; `every_s`: how often it reports by itself, 0 for never."""

    receiver: str
    manners: Manners
    packer: Packer
    every_s: float = 0
    ledger: Ledger = field(default_factory=Ledger)
    courier: Courier = field(init=False)

    def __post_init__(self) -> None:
        self.courier = Courier(receiver=self.receiver, ledger=self.ledger, manners=self.manners)

    async def run(self) -> None:
        """Report at its pace, once the receiver answers, until cancelled."""
        while True:
            await asyncio.sleep(self.every_s or _IDLE_POLL_S)
            body = self.packer.next() if self.every_s else None
            if body is not None:
                await self.courier.receiver_answered(every_s=_IDLE_POLL_S)
                await self.courier.hand_over(self.packer.message(body))


class Report(BaseModel):
    """Without `body` or `raw` it packs what waits; `times`: the same bytes are posted so often."""

    model_config = ConfigDict(extra="forbid")

    body: dict[str, Any] | None = None
    raw: str | None = None
    headers: dict[str, str | None] = Field(default_factory=dict)
    late_s: int = 0
    times: int = Field(default=1, ge=1, le=100)
    count: int = Field(default=1, ge=1, le=1_000)


def _packing(request: Request) -> Packing:
    packing: Packing = request.app.state.packing
    return packing


def _shown(packing: Packing) -> dict[str, Any]:
    packer = packing.packer
    return {
        "shop": packer.shop,
        "every_s": packing.every_s,
        "packed": len(packer.packed),
        "later": len(packer.later),
        **packing.ledger.describe(),
    }


async def show(request: Request) -> Response:
    return json_answer(_shown(_packing(request)))


async def change(request: Request) -> Response:
    """Another shop, secret or pace."""
    packing, wanted = _packing(request), await json_object(request)
    if unknown := set(wanted) - _CHANGEABLE:
        raise InvalidInput(f"shipping software has no {sorted(unknown)}")
    try:
        key_of(wanted.get("secret") or "")
    except BadSecret as error:
        raise InvalidInput(str(error)) from error
    every_s = wanted.pop("every_s", packing.every_s)
    if not isinstance(every_s, int | float) or every_s < 0:
        raise InvalidInput("every_s is a number of seconds, 0 for never")
    packing.every_s = every_s
    for name, value in wanted.items():
        setattr(packing.packer, name, value)
    return json_answer(_shown(packing))


async def send(request: Request) -> Response:
    """Report now, without retries; 200 with what was reported and each answer."""
    packing, report = _packing(request), await read_model(request, Report)
    return json_answer({"sent": [await _send_one(packing, report) for _ in range(report.count)]})


async def _send_one(packing: Packing, report: Report) -> dict[str, Any]:
    body: dict[str, Any] | bytes | None = report.raw.encode() if report.raw is not None else report.body
    if body is None:
        body = packing.packer.next()
    if body is None:
        return {"body": None, "answers": []}
    overrides = {name.lower(): value for name, value in report.headers.items()}
    message = replace(packing.packer.message(body, late_s=report.late_s), overrides=overrides)
    answers = await packing.courier.post(message, times=report.times)
    return {"body": None if isinstance(body, bytes) else body, "answers": answers}


async def list_deliveries(request: Request) -> Response:
    limit = count_parameter(request, "limit", default=100)
    return json_answer({"deliveries": _packing(request).ledger.last(limit)})


ROUTES = [
    Route("/control/packing", show, methods=["GET"]),
    Route("/control/packing", change, methods=["PATCH"]),
    Route("/control/packing/send", send, methods=["POST"]),
    Route("/control/packing/deliveries", list_deliveries, methods=["GET"]),
]
