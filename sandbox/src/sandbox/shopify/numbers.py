"""Identifiers nobody else has: ids, e-mail tags, phone numbers, order numbers."""

from random import Random
from uuid import UUID

_UNSAFE_SHARE = 0.3


class Numbers:
    """Draws from its own seeded sequence, so that the same story can be told again with fresh identifiers."""

    def __init__(self, seed: str) -> None:
        self._draws = Random(f"numbers:{seed}")
        self._taken: set[int] = set()
        self._order_number = self._draws.randrange(1_000, 100_000) * 10_000

    def resource_id(self) -> int:
        """A new int64: most have 13 digits, some exceed 2^53."""
        while True:
            big = self._draws.random() < _UNSAFE_SHARE
            candidate = self._draws.randrange(2**53, 2**62) if big else self._draws.randrange(10**12, 10**13)
            if candidate not in self._taken:
                self._taken.add(candidate)
                return candidate

    def order_number(self) -> int:
        self._order_number += 1
        return self._order_number

    def uuid(self) -> str:
        return str(UUID(int=self._draws.getrandbits(128), version=4))

    def token(self) -> str:
        return f"{self._draws.getrandbits(128):032x}"

    def digits(self, count: int) -> str:
        return f"{self._draws.randrange(10**count):0{count}}"
