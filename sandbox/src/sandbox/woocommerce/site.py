"""The site: what it has sold, and how its webhook is signed, numbered and switched off."""

import hashlib
import hmac
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from html import unescape
from random import Random
from typing import Any

import orjson

from sandbox.shopify import shipping, shopping
from sandbox.shopify.catalogue import stock_shop
from sandbox.shopify.entities import Customer, Order
from sandbox.shopify.moments import later
from sandbox.shopify.numbers import Numbers
from sandbox.shopify.people import edited, new_customer
from sandbox.woocommerce.bodies import customer_body, order_body

_EVENTS = ("created", "updated", "deleted")
TOPICS = tuple(f"{thing}.{event}" for thing in ("order", "customer") for event in _EVENTS)
WEBHOOK_ID = 17
SWITCHED_OFF_AT = 7
_USER_AGENT = "WooCommerce/9.9.5 Hookshot (WordPress/6.8.3)"


def sign(secret: str, body: bytes) -> str:
    """base64 of HMAC-SHA256; a secret with HTML entities signs in its decoded form."""
    return b64encode(hmac.new(unescape(secret).encode(), body, hashlib.sha256).digest()).decode()


@dataclass(frozen=True)
class Hook:
    """One request of the webhook, whatever it carries."""

    webhook_id: str
    topic: str
    subject: str
    path: str
    body: bytes
    headers: tuple[tuple[str, str], ...]

    def headers_at(self, now: datetime) -> tuple[tuple[str, str], ...]:  # noqa: ARG002
        return self.headers


@dataclass
class Site:
    """`shop` ends the address of the webhook; the seventh failure in a row switches it off."""

    shop: str
    secret: str
    address: str = "https://butik.example/"
    failures: int = 0
    orders: dict[int, Order] = field(default_factory=dict)
    customers: dict[int, Customer] = field(default_factory=dict)
    _numbers: Numbers = field(default_factory=lambda: Numbers("woocommerce"))
    _rng: Random = field(default_factory=lambda: Random("woocommerce"))
    _next_id: int = 700

    @property
    def is_active(self) -> bool:
        return self.failures < SWITCHED_OFF_AT

    def note(self, status: int | None) -> None:
        """Count an answer: 200 to 302 is a success and clears the count."""
        delivered = status is not None and 200 <= status <= 302
        self.failures = 0 if delivered else self.failures + 1

    def happen(self, topic: str, wanted: int | None) -> tuple[int, dict[str, Any]]:
        """Let the topic's thing happen (to the resource wanted, else the last one); its id and body."""
        thing, _, event = topic.partition(".")
        known: dict[int, Any] = self.orders if thing == "order" else self.customers
        if event == "created" or not known:
            wanted = self._create(thing)
        number = wanted if wanted in known else next(reversed(known))
        if event == "deleted":
            del known[number]
            return number, {"id": number}
        if event == "updated":
            self._update(thing, number)
        return number, self._body(thing, number)

    def _create(self, thing: str) -> int:
        self._next_id += 1
        now = datetime.now(UTC).replace(microsecond=0)
        if thing == "customer":
            made = new_customer(self._rng, self._numbers, now)
            self.customers[self._next_id] = replace(made, email=f"woo{self._next_id}@example.com")
            return self._next_id
        buyer = next(reversed(self.customers.values()), None)
        stock = stock_shop(Random(f"stock:{self.shop}"))
        self.orders[self._next_id] = shopping.place_order(buyer, stock, self._rng, self._numbers, now)
        return self._next_id

    def _update(self, thing: str, number: int) -> None:
        now = datetime.now(UTC)
        if thing == "customer":
            customer = self.customers[number]
            at = later(customer.updated_at, now)
            self.customers[number] = edited(customer, self._rng, self._numbers, at)
            return
        self.orders[number] = self._moved(self.orders[number], now)

    def _moved(self, order: Order, now: datetime) -> Order:
        """Paid, then sent; after that only the time changes."""
        at = later(order.updated_at, now)
        if order.financial_status != "paid":
            return shopping.pay(order, at)
        quantities = shipping.waiting_quantities(order, partly=False)
        if not quantities:
            return replace(order, updated_at=at)
        tracking = shipping.new_tracking(self._rng, self._numbers)
        sent = shipping.new_fulfillment(order, self._numbers, at, tracking=tracking, quantities=quantities)
        return shipping.ship(order, quantities, sent)

    def _body(self, thing: str, number: int) -> dict[str, Any]:
        if thing == "customer":
            return customer_body(self.customers[number], customer_id=number)
        order = self.orders[number]
        buyer = order.customer and order.customer.id
        owners = {customer.id: own for own, customer in self.customers.items()}
        return order_body(order, order_id=number, customer_id=owners.get(buyer or 0, 0))

    def hook(self, topic: str, subject: int | str, body: bytes, changes: Mapping[str, str | None]) -> Hook:
        """Signed, and numbered by the second: two within one second have the same delivery id."""
        resource, _, event = topic.partition(".")
        second = f"{WEBHOOK_ID}{int(datetime.now(UTC).timestamp())}"
        delivery_id = hashlib.sha256(second.encode()).hexdigest()[:32]
        headers: dict[str, str | None] = {
            "content-type": "application/json",
            "user-agent": _USER_AGENT,
            "x-wc-webhook-source": self.address,
            "x-wc-webhook-topic": topic,
            "x-wc-webhook-resource": resource,
            "x-wc-webhook-event": event,
            "x-wc-webhook-signature": sign(self.secret, body),
            "x-wc-webhook-id": str(WEBHOOK_ID),
            "x-wc-webhook-delivery-id": delivery_id,
            **{name.lower(): value for name, value in changes.items()},
        }
        kept = tuple((name, value) for name, value in headers.items() if value is not None)
        return Hook(delivery_id, topic, str(subject), self.path, body, kept)

    def ping(self) -> Hook:
        """What is sent when the webhook is saved: a form, neither signed nor named."""
        headers = (("content-type", "application/x-www-form-urlencoded"), ("user-agent", _USER_AGENT))
        return Hook("ping", "ping", "", self.path, f"webhook_id={WEBHOOK_ID}".encode(), headers)

    @property
    def path(self) -> str:
        return f"/webhooks/woocommerce/{self.shop}"


def as_bytes(content: Any) -> bytes:
    return orjson.dumps(content)
