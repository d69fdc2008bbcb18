"""One seller: orders, products, access tokens, and how often each operation may still be asked."""

import secrets
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sandbox.amazon.catalogue import Product, first_products
from sandbox.amazon.orders import Order
from sandbox.amazon.refusals import Refusal
from sandbox.amazon.terms import Terms
from sandbox.bucket import Bucket


@dataclass
class Seller:
    """`tokens`: when each one expires. `counts`: what happened so far, by name."""

    name: str
    terms: Terms
    orders: dict[str, Order] = field(default_factory=dict)
    products: dict[str, Product] = field(default_factory=first_products)
    tokens: dict[str, float] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    clock: Callable[[], float] = time.monotonic
    _buckets: dict[str, Bucket] = field(default_factory=dict)

    def agree(self, terms: Terms) -> None:
        """Other terms; usage plans begin full."""
        self.terms = terms
        self._buckets.clear()

    def give_token(self) -> str:
        token = f"Atza|{secrets.token_urlsafe(24)}"
        self.tokens[token] = self.clock() + self.terms.token_s
        self.counts["tokens_given"] += 1
        return token

    def takes(self, token: str) -> bool:
        return self.tokens.get(token, float("-inf")) > self.clock()

    def take_turn(self, operation: str) -> None:
        """Raises Refusal 429 when the usage plan is used up."""
        self.counts[f"requests.{operation}"] += 1
        limit = self.terms.limit_of(operation)
        bucket = self._buckets.get(operation)
        if bucket is None:
            bucket = self._buckets[operation] = Bucket(limit.burst, limit.per_second, self.clock)
        if bucket.available() < 1:
            self.counts["quota_exceeded"] += 1
            raise Refusal(429, "QuotaExceeded", "You exceeded your quota for the requested resource.")
        bucket.charge(1)

    def find(self, order_id: str) -> Order:
        """Raises Refusal 404."""
        order = self.orders.get(order_id)
        if order is None:
            raise Refusal(404, "ResourceNotFound", f"There is no order {order_id}.")
        return order

    def now(self) -> datetime:
        return datetime.now(UTC)
