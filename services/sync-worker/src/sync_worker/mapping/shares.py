"""Divides amounts so that the parts add up to the whole, to the last unit of the currency. Pure."""

from collections.abc import Sequence
from decimal import Decimal

from sync_worker.mapping.amounts import rounded


def part(amount: Decimal, quantity: int, of: int, currency: str) -> Decimal:
    """What `quantity` of `of` items carry of the amount; all of them carry all of it."""
    return amount if quantity == of else rounded(amount * quantity / of, currency)


def split(amount: Decimal, weights: Sequence[Decimal], currency: str) -> list[Decimal]:
    """The amount, a whole number of units, in parts by weight. Weights are not negative; none weighs: all 0.

    Each part ends where the amount would be, rounded, if only the weights so far existed.
    """
    total = sum(weights, Decimal(0))
    parts: list[Decimal] = []
    weighed = given = Decimal(0)
    for weight in weights:
        weighed += weight
        reached = rounded(amount * weighed / total, currency) if total else Decimal(0)
        parts.append(reached - given)
        given = reached
    return parts
