"""When a request to a system with limits may be sent."""

from dataclasses import dataclass
from typing import Self

from aiolimiter import AsyncLimiter


@dataclass(frozen=True, slots=True)
class Turn:
    """Entered once all of these limits allow it, asked in this order."""

    limiters: tuple[AsyncLimiter, ...]

    async def __aenter__(self) -> Self:
        for limiter in self.limiters:
            await limiter.acquire()
        return self

    async def __aexit__(self, *_: object) -> None:
        return None
