"""A package as eBay is told of it, and whether it knows it. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shared.errors import Rejected
from writeback.mapping import ebay_times
from writeback.mapping.ebay_carriers import OTHER, carrier_code
from writeback.targets.port import Package

_NO_LETTER_OR_DIGIT = re.compile(r"[^0-9A-Za-z]")


@dataclass(frozen=True, slots=True)
class Parcel:
    """One tracking number of a package: for eBay each is a shipment of its own. None: it has no number."""

    tracking_number: str | None
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Known:
    """A fulfilment that eBay lists; `quantities` by line."""

    id: str
    tracking_number: str | None
    carrier: str | None
    quantities: Mapping[str, int]


def bare(tracking_number: str) -> str:
    """eBay: a tracking number has letters and digits only; spaces and marks are refused."""
    return _NO_LETTER_OR_DIGIT.sub("", tracking_number)


def bare_numbers(tracking_numbers: Iterable[str]) -> tuple[str, ...]:
    """Each number once. Raises Rejected for one of which nothing is left."""
    found = dict.fromkeys(_required(number) for number in tracking_numbers)
    return tuple(found)


def same_number(one: str | None, other: str | None) -> bool:
    if one is None or other is None:
        return one is other
    return bare(one).upper() == bare(other).upper()


def parcels(package: Package, own_codes: Mapping[str, str]) -> tuple[Parcel, ...]:
    """What is sent for the package: one fulfilment for each tracking number, all with the package's lines.

    Carrier and tracking number go together: without a number there is no carrier either.
    """
    lines = [{"lineItemId": line.id, "quantity": line.quantity} for line in package.lines]
    plain = {"lineItems": lines, "shippedDate": ebay_times.told(package.shipped_at)}
    code = carrier_code(package.carrier, own_codes)
    return tuple(
        Parcel(number, {**plain, "shippingCarrierCode": code, "trackingNumber": number})
        for number in bare_numbers(package.tracking_numbers)
    ) or (Parcel(None, plain),)


def known_of(fulfilments: Iterable[Mapping[str, Any]]) -> list[Known]:
    """eBay: what was sent as `trackingNumber` comes back as `shipmentTrackingNumber`."""
    return [
        Known(
            str(one.get("fulfillmentId") or ""),
            _text(one, "shipmentTrackingNumber"),
            _text(one, "shippingCarrierCode"),
            {str(line.get("lineItemId")): _count(line.get("quantity")) for line in _lines(one)},
        )
        for one in fulfilments
    ]


def found(parcel: Parcel, package: Package, known: Sequence[Known]) -> Known | None:
    """The fulfilment that is this parcel. Without a tracking number it is known by its very lines."""
    return next((one for one in known if _is(parcel, package, one)), None)


def has_other_carrier(parcel: Parcel, known: Known) -> bool:
    """Whether eBay names another carrier than it should, as far as it can be told apart."""
    wanted = parcel.body.get("shippingCarrierCode", OTHER)
    return (
        OTHER not in (wanted, known.carrier or OTHER)
        and wanted.casefold() != (known.carrier or "").casefold()
    )


def other_with_number(parcel: Parcel, known: Sequence[Known]) -> Known | None:
    """A fulfilment with the parcel's tracking number, whatever its lines."""
    numbered = (one for one in known if one.tracking_number is not None)
    return next((one for one in numbered if same_number(one.tracking_number, parcel.tracking_number)), None)


def with_number(numbers: Iterable[str], known: Sequence[Known]) -> Known | None:
    """The first fulfilment that has one of these tracking numbers."""
    wanted = {bare(number).upper() for number in numbers}
    numbered = (one for one in known if one.tracking_number is not None)
    return next((one for one in numbered if bare(one.tracking_number or "").upper() in wanted), None)


def told_numbers(package: Package) -> tuple[str, ...]:
    """The tracking numbers by which eBay may know this package and no other of the order."""
    told = package.target_id.split(",") if package.target_id else []
    numbers = [*told, *package.tried_numbers] or list(package.tracking_numbers)
    others = {bare(number).upper() for ids in package.taken for number in ids.split(",")}
    return tuple(dict.fromkeys(number for number in numbers if bare(number).upper() not in others))


def outdated_numbers(package: Package) -> tuple[str, ...]:
    """Those by which it is not to be known any more."""
    current = {bare(number).upper() for number in package.tracking_numbers}
    return tuple(number for number in told_numbers(package) if bare(number).upper() not in current)


def target_id_of(ids: Iterable[str]) -> str | None:
    """How a package is called whose tracking numbers are shipments of their own."""
    return ",".join(ids) or None


def _is(parcel: Parcel, package: Package, known: Known) -> bool:
    if not same_number(parcel.tracking_number, known.tracking_number):
        return False
    wanted = {line.id: line.quantity for line in package.lines}
    if parcel.tracking_number is None:
        return wanted == known.quantities
    return not known.quantities or wanted.keys() <= known.quantities.keys()


def _required(tracking_number: str) -> str:
    number = bare(tracking_number)
    if not number:
        text = (
            f"The tracking number '{tracking_number}' has no letter and no digit, and eBay takes nothing else"
        )
        raise Rejected(text)
    return number


def _text(fulfilment: Mapping[str, Any], name: str) -> str | None:
    found = fulfilment.get(name)
    return str(found) if found else None


def _lines(fulfilment: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    lines = fulfilment.get("lineItems")
    return [line for line in lines if isinstance(line, dict)] if isinstance(lines, list) else []


def _count(quantity: object) -> int:
    """eBay: the quantity of a line is 1 when it is not said."""
    return quantity if isinstance(quantity, int) else 1
