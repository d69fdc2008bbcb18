"""Field types of the shop's JSON: ids beyond 2^53, money as text, blanks as nothing.

Each is bounded: what nobody sells for, counts or calls an order is refused by name, before it breaks a sum,
an index or a clock.
"""

import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

LARGEST_ID = 2**63 - 1
LARGEST_AMOUNT = 10**13
LONGEST_NAME = 255
_LONGEST_ID = len(str(LARGEST_ID))
_FIRST, _LAST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
_FOREIGN_ID = re.compile(r"[a-z]+-[a-z0-9.-]+-[!-~]{1,64}")


class ShopModel(BaseModel):
    """Unknown fields come and go with the shop's API version and are ignored."""

    model_config = ConfigDict(extra="ignore", frozen=True)


def foreign_id(sender: str, domain: str, sender_id: str) -> str:
    """The id of something another sender told of; no two senders or shops share one."""
    return f"{sender}-{domain}-{sender_id}"


def is_foreign(source_id: str) -> bool:
    return not source_id.isdigit()


def _whole_id(value: Any) -> str:
    is_number = isinstance(value, int) and not isinstance(value, bool) and 0 < value <= LARGEST_ID
    text = str(value) if is_number or isinstance(value, str) else ""
    if _FOREIGN_ID.fullmatch(text) or is_whole_id(text):
        return text
    raise ValueError("should be a whole number of at most 64 bits")


def is_whole_id(text: str) -> bool:
    """Whether it is an id as Shopify has them."""
    is_number = text.isascii() and text.isdigit() and len(text) <= _LONGEST_ID
    return is_number and 0 < int(text) <= LARGEST_ID


def _filled(value: Any) -> Any:
    """Postgres keeps neither NUL nor half of a character in text; a blank is the same as nothing."""
    if not isinstance(value, str):
        return value
    return value.replace("\x00", "").encode("utf-8", "ignore").decode().strip() or None


def _plausible(moment: datetime) -> datetime:
    if not is_plausible(moment):
        raise ValueError("should be a moment between 1970 and 2200")
    return moment


def is_plausible(moment: datetime) -> bool:
    """Whether it can be the time of something that happened in a shop."""
    return _FIRST <= moment < _LAST


def _short(name: str | None) -> str | None:
    if name is not None and len(name) > LONGEST_NAME:
        raise ValueError(f"should have at most {LONGEST_NAME} characters")
    return name


def _is_there(value: Any) -> bool:
    return value not in (None, False)


T = TypeVar("T")

SourceId = Annotated[str, BeforeValidator(_whole_id)]
Text = Annotated[str | None, BeforeValidator(_filled)]
Name = Annotated[Text, AfterValidator(_short)]
Flag = Annotated[bool, BeforeValidator(_is_there)]
Moment = Annotated[AwareDatetime, AfterValidator(_plausible)]
Money = Annotated[Decimal, Field(max_digits=24, ge=-LARGEST_AMOUNT, le=LARGEST_AMOUNT)]
TaxRate = Annotated[Money, Field(ge=0)]
Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
Quantity = Annotated[int, Field(ge=0, le=100_000_000)]
Items = Annotated[tuple[T, ...], BeforeValidator(lambda value: () if value is None else value)]
