"""Fulfilments as `fulfillments/*` webhooks carry them: one parcel, or what is handed over at once."""

from enum import StrEnum

from sync_worker.shopify.fields import Items, Moment, Name, Quantity, ShopModel, SourceId, Text

_SUCCESS = "success"
_CANCELLED = "cancelled"
_ARRIVED = frozenset({"delivered", "picked_up"})


class ParcelState(StrEnum):
    """Where a parcel is, in our own words."""

    WAITING = "Waiting"
    SHIPPED = "Shipped"
    DELIVERED = "Delivered"
    CANCELLED = "Cancelled"


class FulfilledLine(ShopModel):
    """`id` is the order's line; `quantity` is how many of it are in this parcel."""

    id: SourceId
    quantity: Quantity


class Fulfilment(ShopModel):
    """`status` tells whether it left the shop, `shipment_status` what the carrier reports."""

    id: SourceId
    order_id: SourceId
    name: Name = None
    status: Text = None
    shipment_status: Text = None
    created_at: Moment
    updated_at: Moment | None = None
    tracking_company: Text = None
    tracking_number: Text = None
    tracking_numbers: Items[Text] = ()
    tracking_url: Text = None
    tracking_urls: Items[Text] = ()
    line_items: Items[FulfilledLine] = ()

    @property
    def order_label(self) -> str | None:
        """The order as people know it: "#1042" of the parcel "#1042.1"."""
        return (self.name or "").rpartition(".")[0] or None

    @property
    def state(self) -> ParcelState:
        """Statuses the shop may invent later count as not shipped yet."""
        if self.status == _CANCELLED:
            return ParcelState.CANCELLED
        if self.status != _SUCCESS:
            return ParcelState.WAITING
        return ParcelState.DELIVERED if self.shipment_status in _ARRIVED else ParcelState.SHIPPED

    @property
    def has_left(self) -> bool:
        return self.state in (ParcelState.SHIPPED, ParcelState.DELIVERED)

    @property
    def quantities(self) -> dict[str, int]:
        """How many of each of the order's lines are in the parcel."""
        counted: dict[str, int] = {}
        for line in self.line_items:
            counted[line.id] = counted.get(line.id, 0) + line.quantity
        return {line_id: quantity for line_id, quantity in counted.items() if quantity}

    @property
    def all_tracking_numbers(self) -> list[str]:
        """Shopify: the plural has them all, the singular only the first; either may be missing."""
        return _all(self.tracking_numbers, self.tracking_number)

    @property
    def all_tracking_urls(self) -> list[str]:
        return _all(self.tracking_urls, self.tracking_url)


def _all(several: tuple[str | None, ...], one: str | None) -> list[str]:
    return [text for text in dict.fromkeys((*several, one)) if text]
