"""What an account may still ask of the other side, kept in Postgres for all replicas.

A request takes its cost out of the budget before it is sent and waits until that is there, so that replicas
do not run into the limit together. What the answer tells corrects the budget. Each account and operation has
its own, so that none waits for another.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from shared.db.queries import load_queries
from shared.errors import RateLimited

_queries = load_queries(__file__, "budgets")


@dataclass(frozen=True, slots=True)
class Level:
    """How full the other side says the budget is."""

    available: float
    capacity: float
    per_second: float


@dataclass(frozen=True, slots=True)
class Budget:
    """The budget of one account for one operation. `api` is the other side's name for people."""

    pool: Any
    account_id: int
    operation: str
    api: str

    async def reserve(self, cost: float, *, patience_s: float) -> float:
        """Takes `cost` and returns the seconds until it is there; 0 while the budget is unknown.

        Raises RateLimited, with nothing taken, when that is longer than `patience_s`.
        """
        row = await _queries.reserve(self.pool, **self._place, cost=cost, patience_s=patience_s)
        if row is None:
            return 0.0
        if not row["is_reserved"]:
            text = f"The budget of requests at {self.api} is used up for {row['wait_s']:.1f} seconds"
            raise RateLimited(text, after=timedelta(seconds=row["wait_s"]))
        return float(row["wait_s"])

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
