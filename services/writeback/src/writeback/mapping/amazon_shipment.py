"""A package as Amazon's confirmShipment takes it, and a package of an order as Amazon tells it. Pure."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from shared.errors import Rejected
from shared.marketplaces.amazon import AmazonSettings
from writeback.mapping.amazon_carriers import carrier_of
from writeback.targets.port import Line, Package

_CORRECT = (
    "In Seller Central open Orders, then order {order}, and with 'Edit shipment' enter tracking number "
    "{number} yourself"
)
_CANNOT_VOID = (
    "Amazon's interface can not take a confirmed package back. In Seller Central open Orders, then order "
    "{order}: with 'Edit shipment' enter the package that replaces it, or, if nothing will be sent, refund "
    "the order there; cancel the label with its carrier"
)


def reference_of(package: Package) -> str:
    """Amazon: digits only, positive, unique within the order; the same one again edits that package."""
    return str(package.number)


def confirmation(package: Package, settings: AmazonSettings) -> dict[str, Any]:
    """The body of the request. Raises Rejected when the package lacks what Amazon demands."""
    marketplace_id = marketplace_of(package, settings)
    carrier = carrier_of(package.carrier, marketplace_id, settings.carriers)
    detail = {
        "packageReferenceId": reference_of(package),
        "carrierCode": carrier.code,
        "carrierName": carrier.name,
        "shippingMethod": package.service or None,
        "trackingNumber": tracking_number(package),
        "shipDate": wire_time(package.shipped_at),
        "orderItems": [_item(line) for line in package.lines],
    }
    given = {name: value for name, value in detail.items() if value is not None}
    return {"marketplaceId": marketplace_id, "packageDetail": given}


def marketplace_of(package: Package, settings: AmazonSettings) -> str:
    """Raises Rejected when the order's marketplace is not known and the account has several."""
    if package.marketplace is not None:
        return package.marketplace
    if len(settings.marketplace_ids) > 1:
        text = (
            f"It is not known in which marketplace order {package.order_id} was placed: read Amazon's orders"
        )
        raise Rejected(text, kind="configuration")
    return settings.marketplace_ids[0]


def tracking_number(package: Package) -> str:
    """Amazon: one for each package, and it is required."""
    if not package.tracking_numbers:
        raise Rejected("Amazon takes no package without a tracking number: add it to the shipment")
    return package.tracking_numbers[0]


def left_out(package: Package) -> str | None:
    """What Amazon was not told because it has no place for it."""
    others = package.tracking_numbers[1:]
    if not others:
        return None
    return f"Amazon takes one tracking number for a package: {', '.join(others)} was not sent"


def known_package(order: Mapping[str, Any], package: Package) -> Mapping[str, Any] | None:
    """The package as an order that was read with its packages has it."""
    reference = reference_of(package)
    packages = order.get("packages") or ()
    return next((one for one in packages if one.get("packageReferenceId") == reference), None)


def is_as_told(known: Mapping[str, Any] | None, package: Package) -> bool:
    """Whether Amazon has the package as it should be: the carrier's name may be written in another way."""
    return known is not None and known.get("trackingNumber") == tracking_number(package)


def has_tracking_of(order: Mapping[str, Any], package: Package) -> bool:
    """Whether a package of the order, whichever number it has there, has the package's tracking number."""
    return any(is_as_told(one, package) for one in order.get("packages") or ())


def how_to_correct(package: Package) -> str:
    return _CORRECT.format(order=package.order_id, number=tracking_number(package))


def why_no_correction(package: Package) -> str:
    text = "The package was confirmed at Amazon by hand, and can only be changed there."
    return f"{text} {how_to_correct(package)}"


def why_no_void(package: Package) -> str:
    return _CANNOT_VOID.format(order=package.order_id)


def wire_time(moment: datetime) -> str:
    """ISO 8601 with milliseconds, in UTC."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def _item(line: Line) -> dict[str, Any]:
    return {"orderItemId": line.id, "quantity": line.quantity}
