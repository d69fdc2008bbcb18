"""Making the Standard Webhooks sender send."""

from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.answers import InvalidInput, count_parameter, json_answer, json_object, read_model
from sandbox.sending.courier import Courier
from sandbox.sending.ledger import Ledger
from sandbox.sending.manners import Manners
from sandbox.sending.standard import BadSecret, key_of
from sandbox.standard.sender import TYPES, StandardSender

_CHANGEABLE = frozenset({"shop", "secret", "old_secret"})


@dataclass
class Standard:
    """The sender and the way its messages go."""

    receiver: str
    manners: Manners
    sender: StandardSender
    ledger: Ledger = field(default_factory=Ledger)
    courier: Courier = field(init=False)

    def __post_init__(self) -> None:
        self.courier = Courier(receiver=self.receiver, ledger=self.ledger, manners=self.manners)


class Sending(BaseModel):
    """`retry` hands the messages over to be retried; without it they are posted `times` and answered for."""

    model_config = ConfigDict(extra="forbid")

    type: str = "order.created"
    id: int | None = None
    data: Any = None
    raw: str | None = None
    headers: dict[str, str | None] = Field(default_factory=dict)
    late_s: int = 0
    times: int = Field(default=1, ge=1, le=100)
    count: int = Field(default=1, ge=1, le=1_000)
    retry: bool = False


def _standard(request: Request) -> Standard:
    standard: Standard = request.app.state.standard
    return standard


def _shown(sender: StandardSender) -> dict[str, Any]:
    return {
        "shop": sender.shop,
        "orders": [str(number) for number in sender.orders],
        "customers": [str(number) for number in sender.customers],
    }


async def show(request: Request) -> Response:
    return json_answer(_shown(_standard(request).sender))


async def change(request: Request) -> Response:
    """Another shop, secret or old_secret (messages then carry both signatures; null ends that)."""
    sender, wanted = _standard(request).sender, await json_object(request)
    if unknown := set(wanted) - _CHANGEABLE:
        raise InvalidInput(f"a sender has no {sorted(unknown)}")
    try:
        for name in ("secret", "old_secret"):
            key_of(wanted.get(name) or "")
    except BadSecret as error:
        raise InvalidInput(str(error)) from error
    for name, value in wanted.items():
        setattr(sender, name, value)
    return json_answer(_shown(sender))


async def send(request: Request) -> Response:
    """Send now; 200 with what was sent and, unless it is to be retried, each answer."""
    standard, order = _standard(request), await read_model(request, Sending)
    if order.type not in TYPES and order.data is None and order.raw is None:
        raise InvalidInput(f"give data, or one of {list(TYPES)}")
    return json_answer({"sent": [await _send_one(standard, order) for _ in range(order.count)]})


async def _send_one(standard: Standard, order: Sending) -> dict[str, Any]:
    data = order.data
    if data is None and order.raw is None:
        data = standard.sender.happen(order.type, order.id)
    made = standard.sender.message(order.type, data, late_s=order.late_s)
    overrides = {name.lower(): value for name, value in order.headers.items()}
    body = made.body if order.raw is None else order.raw.encode()
    message = replace(made, body=body, overrides=overrides)
    sent = {"webhook_id": message.webhook_id, "id": message.subject}
    if order.retry:
        await standard.courier.hand_over(message)
        return sent
    return {**sent, "answers": await standard.courier.post(message, times=order.times)}


async def list_deliveries(request: Request) -> Response:
    limit = count_parameter(request, "limit", default=100)
    return json_answer({"deliveries": _standard(request).ledger.last(limit)})


ROUTES = [
    Route("/control/standard", show, methods=["GET"]),
    Route("/control/standard", change, methods=["PATCH"]),
    Route("/control/standard/send", send, methods=["POST"]),
    Route("/control/standard/deliveries", list_deliveries, methods=["GET"]),
]
