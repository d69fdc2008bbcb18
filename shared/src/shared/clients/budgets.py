"""What an account may still ask of the other side, kept in Postgres for all replicas.

A request takes its cost out of the budget before it is sent, or waits until that is there, so that replicas
do not run into the limit together. What the answer tells corrects the budget. Each account and operation has
its own, so that none waits for another.
"""

import asyncio
import random
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from shared.db.queries import load_queries
from shared.errors import RateLimited

LOOK_AGAIN_S = 0.25
JITTER_S = 0.02

_queries = load_queries(__file__, "budgets")


@dataclass(frozen=True, slots=True)
class Level:
    """How full the other side says the budget is."""

    available: float
    capacity: float
    per_second: float


@dataclass(frozen=True, slots=True)
class Budget:
    """The budget of one account for one operation. `api` is the other side's name for people.

    `headroom_s`: a full budget grows no further until a request has arrived there, but here from when it was
    sent; what grows in that time is left alone. `left_to_others`: the share of a full budget that is left to
    those who are in more of a hurry.
    """

    pool: Any
    account_id: int
    operation: str
    api: str
    headroom_s: float = 0.0
    left_to_others: float = 0.0

    async def take(self, cost: float, *, patience_s: float) -> float:
        """Takes `cost` as soon as it is there; returns the seconds it waited for it.

        Raises RateLimited, with nothing taken, when that would be longer than `patience_s`. An unknown budget
        is no limit.
        """
        waited_s = 0.0
        while wait_s := await self._lacking_s(cost):
            if waited_s + wait_s > patience_s:
                text = f"The budget of requests at {self.api} is used up for {wait_s:.1f} seconds"
                raise RateLimited(text, after=timedelta(seconds=wait_s))
            waited_s += await _pause(min(wait_s, LOOK_AGAIN_S))
        return waited_s

    async def _lacking_s(self, cost: float) -> float:
        """0: it was there and is taken. Others may give some back sooner than that."""
        limits = {"headroom_s": self.headroom_s, "left": self.left_to_others}
        row = await _queries.reserve(self.pool, **self._place, cost=cost, **limits)
        return float(row["wait_s"]) if row is not None else 0.0

    async def settle(self, level: Level, *, refund: float) -> None:
        """Corrects the budget after an answer; `refund` is the reserved part that was not charged."""
        facts = {"available": level.available, "capacity": level.capacity, "per_second": level.per_second}
        await _queries.settle(self.pool, **self._place, **facts, refund=refund)

    async def define(self, *, capacity: float, per_second: float) -> None:
        """Sets the limits of an API that does not tell them; does nothing when they are known."""
        await _queries.define(self.pool, **self._place, capacity=capacity, per_second=per_second)

    @property
    def _place(self) -> dict[str, Any]:
        return {"account_id": self.account_id, "operation": self.operation}


async def _pause(wait_s: float) -> float:
    """A little longer, so that replicas do not look together."""
    wait_s += random.uniform(0, JITTER_S)  # noqa: S311 - spreads replicas, keeps no secret
    await asyncio.sleep(wait_s)
    return wait_s
