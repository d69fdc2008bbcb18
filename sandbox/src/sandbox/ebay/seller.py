"""One seller: orders, listings and access tokens."""

import secrets
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sandbox.ebay.catalogue import Item, first_items
from sandbox.ebay.orders import Order
from sandbox.ebay.terms import Problem, Terms


@dataclass
class Seller:
    """`tokens`: when each one expires. `problems`: what the Trading API is to answer. `counts`: by name."""

    name: str
    terms: Terms
    orders: dict[str, Order] = field(default_factory=dict)
    items: dict[str, Item] = field(default_factory=first_items)
    tokens: dict[str, float] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    clock: Callable[[], float] = time.monotonic

    def give_token(self) -> str:
        token = f"v^1.1#i^1#{secrets.token_urlsafe(24)}"
        self.tokens[token] = self.clock() + self.terms.token_s
        self.counts["tokens_given"] += 1
        return token

    def takes(self, token: str) -> bool:
        return self.tokens.get(token, float("-inf")) > self.clock()

    def problem_of(self, call: str) -> Problem | None:
        """The problem this call is to have, and once less."""
        found = next((one for one in self.problems if one.call == call and one.times != 0), None)
        if found is not None and found.times is not None:
            found.times -= 1
        return found

    def now(self) -> datetime:
        return datetime.now(UTC)
