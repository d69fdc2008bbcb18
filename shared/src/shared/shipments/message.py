"""A message of shipping software: which order, which shipment, and the packages that can be used. Pure."""

import hashlib
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from shared.shipments.fields import text_of
from shared.shipments.parcels import IS_MISSING, Fault, Faulty, Parcel, Void, read_package

MOST_PACKAGES = 500
_MADE_ID_LENGTH = 16


@dataclass(frozen=True, slots=True)
class OrderReference:
    """How the sender calls the order; at least one of `id` and `number` is given, and `id` counts more."""

    id: str | None
    number: str | None
    account: str | None

    def __str__(self) -> str:
        return f"with the id '{self.id}'" if self.id else f"'{self.number}'"


@dataclass(frozen=True, slots=True)
class Message:
    """`faults`: what is wrong with the packages that are not among `packages`."""

    order: OrderReference
    shipment_id: str
    packages: tuple[Parcel | Void, ...]
    faults: tuple[Fault, ...] = ()


def read_message(body: bytes, *, received_at: datetime) -> Message:
    """Raises Faulty when nothing of it can be used.

    A shipment without an id gets one made of the message, so that the same message names the same shipment.
    """
    content = _content(body)
    order = _order(content.get("order"))
    given_id = _optional(content.get("shipment_id"), "shipment_id")
    packages, faults = _packages(content.get("packages"), received_at)
    if given_id is None:
        packages, faults = _without_voids(packages, faults)
    if not packages:
        raise Faulty(faults)
    return Message(order, given_id or made_id(body), tuple(packages), tuple(faults))


def made_id(body: bytes) -> str:
    digest = hashlib.sha256(body).hexdigest()
    return f"SHP-{digest[:_MADE_ID_LENGTH].upper()}"


def _content(body: bytes) -> dict[str, Any]:
    try:
        content = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise _fault("body", "is not JSON") from None
    if not isinstance(content, dict):
        raise _fault("body", "should be an object")
    return content


def _order(content: Any) -> OrderReference:
    if content is None:
        raise _fault("order", IS_MISSING)
    if not isinstance(content, dict):
        raise _fault("order", "should be an object with the order's number or id")
    fields = {name: _optional(content.get(name), f"order.{name}") for name in ("id", "number", "account")}
    if fields["id"] is None and fields["number"] is None:
        raise _fault("order.number", "is missing: give the order's number or id")
    return OrderReference(**fields)


def _optional(value: object, field: str) -> str | None:
    if value in (None, ""):
        return None
    try:
        return text_of(value)
    except ValueError as error:
        raise _fault(field, str(error)) from None


def _packages(content: Any, received_at: datetime) -> tuple[list[Parcel | Void], list[Fault]]:
    if content is None:
        raise _fault("packages", IS_MISSING)
    if not isinstance(content, list) or not 0 < len(content) <= MOST_PACKAGES:
        raise _fault("packages", f"should be a list of 1 to {MOST_PACKAGES} packages")
    read: list[Parcel | Void] = []
    faults: list[Fault] = []
    for place, one in enumerate(content):
        try:
            read.append(read_package(one, place, received_at=received_at))
        except Faulty as faulty:
            faults += faulty.faults
    return _without_twins(read, faults)


def _without_twins(
    packages: list[Parcel | Void], faults: list[Fault]
) -> tuple[list[Parcel | Void], list[Fault]]:
    """Nobody can say which of two packages with one id is right."""
    twins = {name for name, times in Counter(package.id for package in packages).items() if times > 1}
    same = [Fault(name, "id", "stands for several packages of this message") for name in sorted(twins)]
    return [package for package in packages if package.id not in twins], faults + same


def _without_voids(
    packages: list[Parcel | Void], faults: list[Fault]
) -> tuple[list[Parcel | Void], list[Fault]]:
    problem = "is missing: which shipment the package is taken out of"
    voids = [Fault(one.id, "shipment_id", problem) for one in packages if isinstance(one, Void)]
    return [package for package in packages if isinstance(package, Parcel)], faults + voids


def _fault(field: str, problem: str) -> Faulty:
    return Faulty([Fault(None, field, problem)])
