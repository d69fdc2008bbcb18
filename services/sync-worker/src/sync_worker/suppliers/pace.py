"""How fast a supplier is asked: one budget of requests for all replicas."""

from dataclasses import dataclass
from typing import Any

from shared.clients.budgets import Budget

PATIENCE_S = 5.0


@dataclass(slots=True)
class Pace:
    """`per_second` is the account's setting; another one is another budget, so a change counts at once."""

    pool: Any
    account_id: int
    name: str
    per_second: float
    _is_defined: bool = False

    async def wait(self) -> None:
        """Returns when the next request may be sent. Raises RateLimited when that takes too long."""
        budget = Budget(self.pool, self.account_id, f"requests at {self.per_second:g}/s", self.name)
        if not self._is_defined:
            await budget.define(capacity=max(1.0, self.per_second), per_second=self.per_second)
            self._is_defined = True
        await budget.take(1, patience_s=PATIENCE_S)
