"""The words a supplier's settings are written in: ours for an order, and addresses."""

import re
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from shared.suppliers.paths import FIXED

Filled = Annotated[str, Field(min_length=1)]
Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


class Strict(BaseModel):
    """A misspelt setting is told, not ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class OrderStatus(StrEnum):
    """How an order stands at a supplier, in our words."""

    PLACED = "placed"
    IN_PROGRESS = "in_progress"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"
    FAILED = "failed"


class Word(StrEnum):
    """What of our order can be put into a supplier's."""

    NUMBER = "number"
    EMAIL = "email"
    CURRENCY = "currency"
    NAME = "recipient.name"
    FIRST_NAME = "recipient.first_name"
    LAST_NAME = "recipient.last_name"
    COMPANY = "recipient.company"
    ADDRESS1 = "recipient.address1"
    ADDRESS2 = "recipient.address2"
    ZIP = "recipient.zip"
    CITY = "recipient.city"
    PROVINCE = "recipient.province"
    COUNTRY_CODE = "recipient.country_code"
    PHONE = "recipient.phone"
    LINE_SKU = "line.sku"
    LINE_PRODUCT = "line.product"
    LINE_QUANTITY = "line.quantity"
    LINE_TITLE = "line.title"
    LINE_PRICE = "line.price"

    @property
    def is_of_line(self) -> bool:
        return self.value.startswith("line.")


def _source(text: str) -> str:
    if not text.startswith(FIXED) and text not in set(Word):
        known = ", ".join(Word)
        raise ValueError(f"{text!r} is not one of {known}, and no fixed value, which begins with =")
    return text


def _address(text: str) -> str:
    if not text.startswith("/"):
        raise ValueError(f"{text!r} does not begin with /: it is added to the account's endpoint")
    return text


def _allowing(*names: str) -> AfterValidator:
    def check(text: str) -> str:
        unknown = [name for name in _PLACEHOLDER.findall(text) if name not in names]
        if unknown:
            may_be = ", ".join(f"{{{name}}}" for name in names) or "none"
            raise ValueError(f"there is no placeholder {{{unknown[0]}}} here; allowed: {may_be}")
        return text

    return AfterValidator(check)


Source = Annotated[str, AfterValidator(_source)]
PlainAddress = Annotated[str, AfterValidator(_address), _allowing()]
NumberAddress = Annotated[str, AfterValidator(_address), _allowing("number")]
ReferenceAddress = Annotated[str, AfterValidator(_address), _allowing("reference")]
NumberText = Annotated[str, _allowing("number")]
