"""confirmShipment: what its body must look like, and what Amazon does not take."""

import re
from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from sandbox.amazon.orders import By, Confirmed, Order, Status
from sandbox.amazon.refusals import from_validation, invalid

JAPAN = "A1VC38T7YXB528"
_READY = frozenset({Status.UNSHIPPED, Status.PARTIALLY_SHIPPED, Status.SHIPPED})
_DATE_TIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})")

Filled = Annotated[str, Field(min_length=1)]


def _positive_number(text: str) -> str:
    if not text.isascii() or not text.isdecimal() or int(text) == 0:
        raise ValueError("only positive numeric values are supported")
    return text


def _date_time(text: str) -> str:
    if not _DATE_TIME.fullmatch(text):
        raise ValueError("must be in ISO 8601 date/time format")
    datetime.fromisoformat(text)
    return text


class _Wire(BaseModel):
    """Nothing unknown, nothing of another type."""

    model_config = ConfigDict(
        extra="forbid", strict=True, frozen=True, alias_generator=to_camel, loc_by_alias=True
    )


class OrderItem(_Wire):
    order_item_id: Filled
    quantity: int = Field(ge=1)
    transparency_codes: list[Filled] | None = None


class PackageDetail(_Wire):
    package_reference_id: Annotated[str, AfterValidator(_positive_number)]
    carrier_code: Filled
    carrier_name: Filled | None = None
    shipping_method: Filled | None = None
    tracking_number: Filled
    ship_date: Annotated[str, AfterValidator(_date_time)]
    ship_from_supply_source_id: Filled | None = None
    order_items: list[OrderItem] = Field(min_length=1)


class Confirmation(_Wire):
    marketplace_id: Filled
    package_detail: PackageDetail
    cod_collection_method: Literal["DirectPayment"] | None = None


def read(body: bytes) -> Confirmation:
    """Raises Refusal. What is optional may be left out, but not be null."""
    try:
        confirmation = Confirmation.model_validate_json(body)
    except ValidationError as error:
        raise from_validation(error) from error
    detail = confirmation.package_detail
    for part in (confirmation, detail, *detail.order_items):
        for name in part.model_fields_set:
            if getattr(part, name) is None:
                raise invalid("The request is not valid.", f"{to_camel(name)}: null is no value")
    return confirmation


def confirm(order: Order, asked: Confirmation, now: datetime) -> None:
    """Takes the package, or changes the one of the same number. Raises Refusal."""
    detail = asked.package_detail
    _check_order(order, asked)
    if detail.carrier_code == "Other" and detail.carrier_name is None:
        raise invalid("carrierName is required when carrierCode is Other.", "packageDetail.carrierName")
    reference = detail.package_reference_id
    if reference in order.packages and order.refuses_edits:
        message = f"PackageToUpdateNotFound: package {reference} can not be updated, order already fulfilled"
        raise invalid(message)
    _check_items(order, detail)
    order.confirm(reference, _confirmed(detail), now)


def _check_order(order: Order, asked: Confirmation) -> None:
    if order.fulfilled_by is By.AMAZON:
        raise invalid(f"Order {order.id} is fulfilled by Amazon; its shipment can not be confirmed.")
    if order.status not in _READY:
        raise invalid(f"Order {order.id} can not be shipped: it is {order.status}.")
    if asked.marketplace_id != order.marketplace_id:
        raise invalid(f"Order {order.id} is not of marketplace {asked.marketplace_id}.", "marketplaceId")
    if asked.cod_collection_method is not None and order.marketplace_id != JAPAN:
        raise invalid("codCollectionMethod is only supported in the JP marketplace.", "codCollectionMethod")


def _check_items(order: Order, detail: PackageDetail) -> None:
    ordered = {item.id: item.quantity for item in order.items}
    packed = order.packed(but=detail.package_reference_id)
    seen: set[str] = set()
    for item in detail.order_items:
        place, item_id = "packageDetail.orderItems", item.order_item_id
        if item_id not in ordered:
            raise invalid(f"Order {order.id} has no order item {item_id}.", place)
        if item_id in seen:
            raise invalid(f"Order item {item_id} is named twice.", place)
        seen.add(item_id)
        left = ordered[item_id] - packed[item_id]
        if item.quantity > left:
            raise invalid(f"Only {left} of order item {item_id} are left to ship.", place)


def _confirmed(detail: PackageDetail) -> Confirmed:
    return Confirmed(
        carrier_code=detail.carrier_code,
        carrier_name=detail.carrier_name,
        shipping_method=detail.shipping_method,
        tracking_number=detail.tracking_number,
        ship_date=detail.ship_date,
        quantities=tuple((item.order_item_id, item.quantity) for item in detail.order_items),
    )
