"""Orders that wait to be packed, in every shop and marketplace the merchant has."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from sandbox.amazon.orders import By, Status
from sandbox.amazon.seller import Seller as AmazonSeller
from sandbox.ebay.seller import Seller as EbaySeller
from sandbox.shopify.records import Records


@dataclass(frozen=True)
class Waiting:
    """`reference` is how the order is called, `lines` are pairs of line id and number of items."""

    reference: tuple[tuple[str, str], ...]
    lines: tuple[tuple[str, int], ...]


Bench = Callable[[], Iterable[Waiting]]


def bench_of_shop(records: Records) -> Bench:
    """What was paid in the shop and not sent yet."""

    def waiting() -> Iterator[Waiting]:
        for order in records.orders.kept():
            lines = [(str(line.id), line.open) for line in order.lines if line.open > 0]
            if order.financial_status == "paid" and order.cancelled_at is None and lines:
                yield Waiting((("number", order.name),), tuple(lines))

    return waiting


def bench_of_amazon(seller: AmazonSeller) -> Bench:
    """What the seller has to ship for Amazon's buyers and has not begun to."""

    def waiting() -> Iterator[Waiting]:
        for order in list(seller.orders.values()):
            if order.status is Status.UNSHIPPED and order.fulfilled_by is By.MERCHANT:
                lines = tuple((item.id, item.quantity) for item in order.items)
                yield Waiting((("id", order.id),), lines)

    return waiting


def bench_of_ebay(seller: EbaySeller) -> Bench:
    """What the seller has sold at eBay and has not begun to ship."""

    def waiting() -> Iterator[Waiting]:
        for order in list(seller.orders.values()):
            if order.status == "NOT_STARTED" and not order.is_cancelled:
                lines = tuple((line.id, line.quantity) for line in order.lines)
                yield Waiting((("id", order.id),), lines)

    return waiting
