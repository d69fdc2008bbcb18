"""What a shop or marketplace is told about a package, whichever it is."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Line:
    """Units of one line of the order; `id` as the target calls the line."""

    id: str
    sku: str | None
    quantity: int


@dataclass(frozen=True, slots=True)
class Package:
    """One package of an order, as the target should know it.

    `number` is counted from 1 for each order of an account and never changes. `target_id` is what the target
    called the package when it was told of it; None: it was not, as far as is known. `is_known`: it has the
    package, from us or from a person. `taken`: what it calls the order's other packages, which may have the
    same tracking number. `tried_numbers`: tracking numbers under which it may know the package, from attempts
    nobody knows the end of or from a person.
    """

    id: UUID
    order_id: str
    number: int
    carrier: str
    service: str | None
    tracking_numbers: tuple[str, ...]
    tracking_url: str | None
    shipped_at: datetime
    lines: tuple[Line, ...]
    marketplace: str | None = None
    target_id: str | None = None
    taken: frozenset[str] = frozenset()
    tried_numbers: tuple[str, ...] = ()
    is_known: bool = False

    @property
    def is_known_by_hand(self) -> bool:
        """A person reported it there, so nobody here knows what the target calls it."""
        return self.is_known and self.target_id is None


@dataclass(frozen=True, slots=True)
class Told:
    """What the target has now. `was_there`: it was found there by reading, not sent in this attempt."""

    target_id: str | None
    was_there: bool = False
    note: str | None = None


class Target(Protocol):
    """Every call makes at most one effect, however often it is repeated.

    `is_uncertain`: an earlier attempt may have been heard, so the target is read before it is told again.
    Raises what `shared.errors` draws; UnknownOutcome when the effect may have happened.
    """

    async def ship(self, package: Package, *, is_uncertain: bool) -> Told:
        """Reports a package the target does not know."""
        ...

    async def correct(self, package: Package, *, is_uncertain: bool) -> Told:
        """Replaces carrier and tracking of a package the target knows."""
        ...

    async def cancel(self, package: Package, *, is_uncertain: bool) -> Told:
        """Takes a package back. Raises Rejected, saying what a person has to do, where it can not be."""
        ...
