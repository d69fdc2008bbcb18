"""How a person reports a shipment by hand where it could not be done from here. Pure.

The steps are those of StarShip's "Confirm Shipment" for Amazon and eBay, and of Shopify's admin.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Facts:
    """What there is to paste. `quantity`: units in the package. `is_known`: it was reported
    before, and has other tracking now."""

    order_number: str
    carrier: str
    service: str | None
    tracking_numbers: tuple[str, ...]
    tracking_url: str | None
    shipped_at: datetime
    quantity: int
    is_known: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """`paste`: the values to enter in this step, by the name of the field there."""

    text: str
    paste: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Guide:
    title: str
    steps: tuple[Step, ...]


DONE = Step(
    "Then mark the shipment as done by hand here, so that it is Failed no more: "
    "POST /api/v1/shipments/{id}/done-by-hand."
)


def guide_for(kind: str, facts: Facts, *, is_void: bool) -> Guide | None:
    """The steps at a system of this kind, and the last one here; None for one that has none."""
    guides = _VOIDING if is_void else _CORRECTING if facts.is_known else _CONFIRMING
    make = guides.get(kind)
    if make is None:
        return None
    guide = make(facts)
    return Guide(guide.title, (*guide.steps, DONE))


def _amazon(facts: Facts) -> Guide:
    return Guide(
        "Confirm Shipment in Amazon Seller Central",
        (
            Step("Log in to Amazon Seller Central."),
            Step('Under Orders > Manage Orders, find the order among the "Unshipped" ones.', _order(facts)),
            Step("Click the Confirm Shipment button."),
            Step(
                "Paste the tracking number into the Tracking ID field, and set the ship date, the carrier "
                "and the shipping service.",
                _date(facts) | _tracking(facts, "Tracking ID") | _carrier(facts),
            ),
            Step(f"Confirm {facts.quantity} of the order's units: click Confirm Shipment.", _quantity(facts)),
        ),
    )


def _ebay(facts: Facts) -> Guide:
    return Guide(
        "Add tracking number in My eBay",
        (
            Step(
                'In the Sold section of My eBay, select "Awaiting shipment", and find the order.',
                _order(facts),
            ),
            Step("Select the check box next to an item and click the Add tracking number button."),
            Step(
                "On the Add/Edit/Delete Tracking Number page, enter the tracking number.",
                _tracking(facts, "Tracking number"),
            ),
            Step("In the Carrier field, enter the carrier name.", {"Carrier": facts.carrier}),
            Step("Click the Submit button."),
        ),
    )


def _shopify(facts: Facts) -> Guide:
    return Guide(
        "Fulfill the order in the Shopify admin",
        (
            Step("In the Shopify admin, open Orders and find the order.", _order(facts)),
            Step("Click Mark as fulfilled (or Fulfill item) at the items of the package.", _quantity(facts)),
            Step(
                "Enter the tracking number and choose the shipping carrier.",
                _tracking(facts, "Tracking number") | _carrier(facts) | _address(facts),
            ),
            Step("Click Fulfill items."),
        ),
    )


def _correct_at_amazon(facts: Facts) -> Guide:
    return Guide(
        "Edit Shipment in Amazon Seller Central",
        (
            Step("Log in to Amazon Seller Central."),
            Step("Under Orders > Manage Orders, find the order.", _order(facts)),
            Step("Click the Edit Shipment button."),
            Step(
                "Paste the tracking number into the Tracking ID field of this package, and set the carrier.",
                _tracking(facts, "Tracking ID") | _carrier(facts),
            ),
            Step("Click Confirm Shipment."),
        ),
    )


def _correct_at_shopify(facts: Facts) -> Guide:
    return Guide(
        "Edit the tracking in the Shopify admin",
        (
            Step("In the Shopify admin, open Orders and find the order.", _order(facts)),
            Step("At the fulfilled items of this package, click Edit tracking."),
            Step(
                "Enter the tracking number and choose the shipping carrier.",
                _tracking(facts, "Tracking number") | _carrier(facts) | _address(facts),
            ),
            Step("Click Save."),
        ),
    )


def _void_at_amazon(facts: Facts) -> Guide:
    return Guide(
        "Take the shipment back in Amazon Seller Central",
        (
            Step("Log in to Amazon Seller Central."),
            Step("Under Orders > Manage Orders, find the order.", _order(facts)),
            Step(
                "Amazon takes back no confirmed shipment: click Edit Shipment and enter the tracking number "
                "of the package that is sent instead, or refund the order.",
                _tracking(facts, "Tracking ID to replace"),
            ),
        ),
    )


def _void_at_ebay(facts: Facts) -> Guide:
    return Guide(
        "Delete the tracking number in My eBay",
        (
            Step("In the Sold section of My eBay, find the order.", _order(facts)),
            Step("Select the check box next to the item and click the Edit tracking number button."),
            Step(
                "On the Add/Edit/Delete Tracking Number page, delete the tracking number.",
                _tracking(facts, "Tracking number to delete"),
            ),
            Step('Under More actions, choose "Mark as not shipped".'),
        ),
    )


def _void_at_shopify(facts: Facts) -> Guide:
    return Guide(
        "Cancel the fulfillment in the Shopify admin",
        (
            Step("In the Shopify admin, open Orders and find the order.", _order(facts)),
            Step(
                "At the items with this tracking number, open the menu and click Cancel fulfillment.",
                _tracking(facts, "Tracking number"),
            ),
        ),
    )


_CONFIRMING = {"amazon": _amazon, "ebay": _ebay, "shopify": _shopify}
_CORRECTING = {"amazon": _correct_at_amazon, "ebay": _ebay, "shopify": _correct_at_shopify}
_VOIDING = {"amazon": _void_at_amazon, "ebay": _void_at_ebay, "shopify": _void_at_shopify}


def _order(facts: Facts) -> dict[str, str]:
    return {"Order number": facts.order_number}


def _date(facts: Facts) -> dict[str, str]:
    return {"Ship date": facts.shipped_at.date().isoformat()}


def _tracking(facts: Facts, field_name: str) -> dict[str, str]:
    return {field_name: ", ".join(facts.tracking_numbers)}


def _carrier(facts: Facts) -> dict[str, str]:
    service = {"Shipping service": facts.service} if facts.service else {}
    return {"Carrier": facts.carrier} | service


def _quantity(facts: Facts) -> dict[str, str]:
    return {"Quantity": str(facts.quantity)}


def _address(facts: Facts) -> dict[str, str]:
    return {"Tracking URL": facts.tracking_url} if facts.tracking_url else {}
