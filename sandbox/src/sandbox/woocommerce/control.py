"""Making the WooCommerce site send."""

from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.answers import InvalidInput, json_answer, json_object, read_model
from sandbox.sending.courier import Courier
from sandbox.sending.ledger import Ledger
from sandbox.sending.manners import woocommerce_manners
from sandbox.woocommerce.site import TOPICS, Site, as_bytes

_CHANGEABLE = frozenset({"shop", "secret", "address"})


@dataclass
class WooCommerce:
    """The site and the way its webhooks go."""

    receiver: str
    site: Site
    courier: Courier = field(init=False)

    def __post_init__(self) -> None:
        self.courier = Courier(receiver=self.receiver, ledger=Ledger(), manners=woocommerce_manners())


class Sending(BaseModel):
    """`count` resources one after the other, each sent `times`; `id` chooses what is updated or deleted."""

    model_config = ConfigDict(extra="forbid")

    topic: str = "order.created"
    id: int | None = None
    body: dict[str, Any] | None = None
    raw: str | None = None
    headers: dict[str, str | None] = Field(default_factory=dict)
    times: int = Field(default=1, ge=1, le=100)
    count: int = Field(default=1, ge=1, le=1_000)


def _woo(request: Request) -> WooCommerce:
    woo: WooCommerce = request.app.state.woocommerce
    return woo


def _shown(site: Site) -> dict[str, Any]:
    return {
        "shop": site.shop,
        "address": site.address,
        "active": site.is_active,
        "failures": site.failures,
        "orders": list(site.orders),
        "customers": list(site.customers),
    }


async def show(request: Request) -> Response:
    return json_answer(_shown(_woo(request).site))


async def change(request: Request) -> Response:
    """Another shop, secret or address; the webhook is active again."""
    site, wanted = _woo(request).site, await json_object(request)
    if unknown := set(wanted) - _CHANGEABLE:
        raise InvalidInput(f"a site has no {sorted(unknown)}")
    for name, value in wanted.items():
        setattr(site, name, str(value))
    site.failures = 0
    return json_answer(_shown(site))


async def ping(request: Request) -> Response:
    """Save the webhook: it is saved only when the ping gets exactly 200."""
    woo = _woo(request)
    (answer,) = await woo.courier.post(woo.site.ping())
    return json_answer({"saved": answer["status"] == 200, "answer": answer})


async def send(request: Request) -> Response:
    """Send now, without retries; 409 once the webhook has been switched off."""
    woo, order = _woo(request), await read_model(request, Sending)
    if order.topic not in TOPICS and order.body is None and order.raw is None:
        raise InvalidInput(f"give a body, or one of {list(TOPICS)}")
    sent = [await _send_one(woo, order) for _ in range(order.count)]
    return json_answer({"sent": sent, "active": woo.site.is_active})


async def _send_one(woo: WooCommerce, order: Sending) -> dict[str, Any]:
    site = woo.site
    if not site.is_active:
        raise HTTPException(409, "the webhook has been switched off after too many failures")
    number, content = (order.id or 0, order.body) if order.body else (0, None)
    if content is None and order.raw is None:
        number, content = site.happen(order.topic, order.id)
    body = order.raw.encode() if order.raw is not None else as_bytes(content)
    hook = site.hook(order.topic, number, body, order.headers)
    answers = await woo.courier.post(hook, times=order.times)
    for answer in answers:
        site.note(answer["status"])
    return {"id": number, "delivery_id": hook.webhook_id, "answers": answers}


ROUTES = [
    Route("/control/woocommerce", show, methods=["GET"]),
    Route("/control/woocommerce", change, methods=["PATCH"]),
    Route("/control/woocommerce/ping", ping, methods=["POST"]),
    Route("/control/woocommerce/send", send, methods=["POST"]),
]
