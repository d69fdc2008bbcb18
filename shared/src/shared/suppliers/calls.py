"""The calls of a supplier's API, one model each: address, what goes in, and where its answer says what."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from shared.suppliers.paging import Paging
from shared.suppliers.paths import FIXED, ListPath, TargetPath, ValuePath
from shared.suppliers.vocabulary import (
    Filled,
    Method,
    NumberAddress,
    NumberText,
    PlainAddress,
    ReferenceAddress,
    Source,
    Strict,
    Word,
)


class ProductFields(Strict):
    """Where a product says what. `stock` is a number of pieces, `available` a word or a yes."""

    id: ValuePath
    sku: ValuePath
    title: ValuePath
    price: ValuePath
    currency: ValuePath
    description: ValuePath | None = None
    stock: ValuePath | None = None
    available: ValuePath | None = None
    images: ValuePath | None = None

    @model_validator(mode="after")
    def _tells_availability(self) -> "ProductFields":
        if self.stock is None and self.available is None:
            raise ValueError("'stock' or 'available' is needed: where a product says whether it is there")
        return self


class ProductsCall(Strict):
    """`in_stock` are the words of `available` that mean yes; `price_divisor` 100: prices come in cents."""

    path: PlainAddress
    query: dict[str, str] = Field(default={})
    paging: Paging
    items: ListPath
    fields: ProductFields
    in_stock: tuple[str, ...] = ("true", "yes", "1", "in_stock", "available")
    price_divisor: Literal[1, 100, 1000] = 1


class OrderFields(Strict):
    """Where a supplier's order says what. `number` is our own order number; `date_format` as Python writes it
    (%d/%m/%Y), without it dates are ISO 8601."""

    reference: ValuePath
    status: ValuePath
    number: ValuePath | None = None
    tracking_numbers: ValuePath | None = None
    tracking_url: ValuePath | None = None
    delivery_date: ValuePath | None = None
    date_format: Filled | None = None


class Since(Strict):
    """The query parameter that leaves out what has not changed since a moment (UTC), as Python writes it."""

    parameter: Filled
    format: Filled = "%Y-%m-%dT%H:%M:%SZ"


class OrdersByPage(Strict):
    """All orders, page by page; ours are picked out. With `since` only a day's first run asks for all."""

    by: Literal["page"]
    path: PlainAddress
    since: Since | None = None
    query: dict[str, str] = Field(default={})
    paging: Paging
    items: ListPath


class OrdersByReferences(Strict):
    """Those asked for, several at once: their references in one query parameter."""

    by: Literal["references"]
    path: PlainAddress
    query: dict[str, str] = Field(default={})
    parameter: Filled
    separator: Filled = ","
    most: int = Field(default=50, ge=1, le=500)
    items: ListPath


class OrdersOneByOne(Strict):
    """One request for each order. `item` leads to the order within the answer."""

    by: Literal["reference"]
    path: ReferenceAddress
    query: dict[str, str] = Field(default={})
    item: ValuePath | None = None


OrdersCall = Annotated[OrdersByPage | OrdersByReferences | OrdersOneByOne, Field(discriminator="by")]


class Existing(Strict):
    """How the supplier says that it has an order of this number already.

    `code`: only with this error code. `reference`: where the answer names that order; without it,
    `find_order` looks it up.
    """

    status: int = Field(ge=200, le=499)
    code: Filled | None = None
    reference: ValuePath | None = None


class PlaceOrderCall(Strict):
    """`body`: target path ← word of ours or fixed value; `required`: words without which nothing is sent.

    `recognises_repeats`: the same number twice is one order there, so that repeating does no harm.
    """

    method: Method = "POST"
    path: PlainAddress
    headers: dict[str, NumberText] = Field(default={})
    body: dict[TargetPath, Source] = Field(min_length=1)
    required: tuple[Word, ...] = ()
    reference: ValuePath
    existing: Existing | None = None
    recognises_repeats: bool

    @model_validator(mode="after")
    def _lines_are_lines(self) -> "PlaceOrderCall":
        for target, source in self.body.items():
            is_of_line = not source.startswith(FIXED) and Word(source).is_of_line
            if is_of_line and "[]." not in target:
                raise ValueError(
                    f"'{target}' gets {source}, so it needs [] where the lines stand: lines[].sku"
                )
        if not any(source == Word.LINE_QUANTITY for source in self.body.values()):
            raise ValueError("no target gets line.quantity, so the supplier would not know how many")
        return self


class FindOrderCall(Strict):
    """Looks an order up by our number. `item`: where it stands in the answer; nothing there, no order."""

    path: NumberAddress
    query: dict[str, NumberText] = Field(default={})
    item: ValuePath | None = None


class CancelOrderCall(Strict):
    method: Method = "POST"
    path: ReferenceAddress
