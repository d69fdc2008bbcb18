"""What receipts state. All receipts of an order add up: nothing is stated twice, nothing given back twice."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from pydantic import BaseModel, ConfigDict


class Kind(StrEnum):
    """A receipt of what was bought, its taking back as the parcel was cancelled, or goods given back."""

    PURCHASE = "purchase"
    REVERSAL = "reversal"
    RETURN = "return"


class StatedLine(BaseModel):
    """`gross` and the `tax` inside it are totals of the line and never negative; `quantity` has the sign."""

    model_config = ConfigDict(frozen=True)

    line_id: str
    sku: str
    name: str
    quantity: int
    gross: Decimal
    tax: Decimal
    tax_percent: Decimal
    awards_bonus: bool

    @property
    def sign(self) -> int:
        return -1 if self.quantity < 0 else 1


Lines = tuple[StatedLine, ...]


@dataclass(frozen=True, slots=True)
class Receipt:
    """One receipt as settled: it is sent with exactly these lines, however often."""

    id: str
    kind: Kind
    created_at: datetime
    lines: Lines
    is_sent: bool = False

    @property
    def total(self) -> Decimal:
        """Negative when it gives back."""
        return sum((line.sign * line.gross for line in self.lines), Decimal(0))


@dataclass(frozen=True, slots=True)
class Draft:
    """A receipt that is due. `lines`: what it has to state, given the receipts its order has already."""

    id: str
    kind: Kind
    created_at: datetime
    lines: Callable[[Sequence[Receipt]], Lines]


@dataclass(frozen=True, slots=True)
class Balance:
    """What receipts state of one line of the order, all in all; `line` is how the last of them names it."""

    line: StatedLine
    quantity: int = 0
    gross: Decimal = Decimal(0)
    tax: Decimal = Decimal(0)


def balances(receipts: Iterable[Receipt]) -> dict[str, Balance]:
    """By the id of the order's line."""
    found: dict[str, Balance] = {}
    for line in (line for receipt in receipts for line in receipt.lines):
        before = found.get(line.line_id, Balance(line))
        found[line.line_id] = Balance(
            line,
            before.quantity + line.quantity,
            before.gross + line.sign * line.gross,
            before.tax + line.sign * line.tax,
        )
    return found
