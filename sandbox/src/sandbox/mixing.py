"""Choices that follow from a number: cheap, and the same whenever they are made."""

from collections.abc import Sequence
from typing import TypeVar

Choice = TypeVar("Choice")
_MASK = 2**64 - 1


def mixed(seed: int, index: int) -> int:
    """64 well-mixed bits for this number."""
    bits = (seed * 0x9E3779B97F4A7C15 + index * 0xD1B54A32D192ED03) & _MASK
    bits = ((bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    bits = ((bits ^ (bits >> 27)) * 0x94D049BB133111EB) & _MASK
    return bits ^ (bits >> 31)


class Draw:
    """A few choices for one number, cheaper than a generator of its own."""

    def __init__(self, seed: int, index: int) -> None:
        self._bits = mixed(seed, index)

    def below(self, limit: int) -> int:
        self._bits, chosen = divmod(self._bits, limit)
        return chosen

    def one_of(self, choices: Sequence[Choice]) -> Choice:
        return choices[self.below(len(choices))]
