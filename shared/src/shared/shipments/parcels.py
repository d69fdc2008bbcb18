"""One package of a reported shipment: read, or said what is wrong with it. Pure."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, ValidationError

from shared.faults import faults_of
from shared.shipments.fields import (
    ItemList,
    Label,
    Moment,
    Numbers,
    OptionalAddress,
    OptionalText,
    Quantity,
    Text,
    text_of,
)

EARLIEST = timedelta(days=180)
LATEST = timedelta(days=1)
IS_MISSING = "is missing"


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a field. `package` None: with the message as a whole."""

    package: str | None
    field: str
    problem: str

    def __str__(self) -> str:
        where = "" if self.package is None else f"package '{self.package}': "
        return f"{where}{self.field} {self.problem}"


class Faulty(ValueError):
    """Something can not be used."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("; ".join(map(str, faults)))
        self.faults = tuple(faults)


@dataclass(frozen=True, slots=True)
class Item:
    """Units of a product, named by the order line's id or its SKU."""

    id: str | None
    sku: str | None
    quantity: int

    def __str__(self) -> str:
        return f"SKU '{self.sku}'" if self.id is None else f"line '{self.id}'"


@dataclass(frozen=True, slots=True)
class Parcel:
    """A package that is on its way."""

    id: str
    label: str
    carrier: str
    service: str | None
    tracking_numbers: tuple[str, ...]
    tracking_url: str | None
    shipped_at: datetime
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Void:
    """A package that is taken back."""

    id: str


class _Part(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)


class _Item(_Part):
    id: OptionalText = None
    sku: OptionalText = None
    quantity: Quantity


class _Package(_Part):
    id: OptionalText = None
    label: Label
    carrier: Text
    service: OptionalText = None
    tracking_number: OptionalText = None
    tracking_numbers: Numbers = ()
    tracking_url: OptionalAddress = None
    shipped_at: Moment
    items: Annotated[tuple[_Item, ...], ItemList]


class _Void(_Part):
    id: OptionalText = None
    label: OptionalText = None


def read_package(content: Any, place: int, *, received_at: datetime) -> Parcel | Void:
    """`place`: which package of the message it is, from 0. Raises Faulty naming every field."""
    if not isinstance(content, dict):
        raise Faulty([Fault(f"{place + 1}", "package", "should be an object")])
    name = _name(content, place)
    try:
        if _is_void(content):
            return _void(_Void.model_validate(content))
        return _parcel(_Package.model_validate(content), received_at)
    except ValidationError as error:
        found = faults_of(error).items()
        raise Faulty([Fault(name, field, problem) for field, problem in found]) from None
    except _Wrong as wrong:
        raise Faulty([Fault(name, wrong.field, wrong.problem)]) from None


class _Wrong(ValueError):
    def __init__(self, field: str, problem: str) -> None:
        super().__init__(field)
        self.field, self.problem = field, problem


def _is_void(content: dict[str, Any]) -> bool:
    given = content.get("void") or False
    if given is not True and given is not False:
        raise _Wrong("void", "should be true or false")
    return given


def _void(given: _Void) -> Void:
    package_id = given.id or given.label
    if package_id is None:
        raise _Wrong("id", "is missing: which package is taken back")
    return Void(package_id)


def _parcel(given: _Package, received_at: datetime) -> Parcel:
    numbers = tuple(dict.fromkeys(filter(None, (given.tracking_number, *given.tracking_numbers))))
    if not numbers:
        raise _Wrong("tracking_number", IS_MISSING)
    _check_date(given.shipped_at, received_at)
    return Parcel(
        id=given.id or given.label,
        label=given.label,
        carrier=given.carrier,
        service=given.service,
        tracking_numbers=numbers,
        tracking_url=given.tracking_url,
        shipped_at=given.shipped_at,
        items=tuple(_item(item, place) for place, item in enumerate(given.items)),
    )


def _item(item: _Item, place: int) -> Item:
    if item.id is None and item.sku is None:
        raise _Wrong(f"items.{place}.sku", "is missing: name the product by its sku, or the order line's id")
    return Item(item.id, item.sku, item.quantity)


def _check_date(shipped_at: datetime, received_at: datetime) -> None:
    if shipped_at > received_at + LATEST:
        raise _Wrong("shipped_at", "is more than a day ahead")
    if shipped_at < received_at - EARLIEST:
        raise _Wrong("shipped_at", f"is more than {EARLIEST.days} days ago")


def _name(content: dict[str, Any], place: int) -> str:
    """What people know the package by: what the sender calls it, else its place, from 1."""
    for field in ("id", "label"):
        with suppress(ValueError):
            return text_of(content.get(field))
    return f"{place + 1}"
