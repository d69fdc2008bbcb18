"""Numbers and dates as the CRM takes them: JSON numbers, ISO 8601 with an offset."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator
from pydantic_core import PydanticCustomError

_NO_DECIMALS = frozenset(
    {"CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF"}
)
_THREE_DECIMALS = frozenset({"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"})


def decimals_of(currency: str) -> int:
    """Decimals of the currency's minor unit (ISO 4217)."""
    if currency in _NO_DECIMALS:
        return 0
    return 3 if currency in _THREE_DECIMALS else 2


def minor_unit(currency: str) -> Decimal:
    return Decimal(1).scaleb(-decimals_of(currency))


def _json_number(value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise PydanticCustomError("wire_value", "must be a JSON number")
    return Decimal(repr(value))


def _json_whole_number(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise PydanticCustomError("wire_value", "must be a whole JSON number")
    return value


def _aware_datetime(value: Any) -> datetime:
    if not isinstance(value, str):
        raise PydanticCustomError("wire_value", "must be a string with an ISO 8601 date and time")
    parsed = datetime.fromisoformat(value)
    if parsed.tzinfo is None:
        raise PydanticCustomError("wire_value", "must name its offset from UTC")
    return parsed


def _currency_code(value: str) -> str:
    if len(value) != 3 or not value.isascii() or not value.isalpha() or not value.isupper():
        raise PydanticCustomError("wire_value", "must be an ISO 4217 code")
    return value


def _filled(value: str) -> str:
    if not value.strip():
        raise PydanticCustomError("wire_value", "must not be empty")
    return value


Number = Annotated[Decimal, BeforeValidator(_json_number)]
WholeNumber = Annotated[int, BeforeValidator(_json_whole_number)]
WireDateTime = Annotated[datetime, BeforeValidator(_aware_datetime)]
CurrencyCode = Annotated[str, AfterValidator(_currency_code)]
FilledText = Annotated[str, AfterValidator(_filled)]


def too_fine(amounts: Iterable[tuple[str, Decimal | None]], currency: str) -> list[str]:
    """Names of the amounts that have more decimals than the currency."""
    unit = minor_unit(currency)
    return [name for name, amount in amounts if amount is not None and amount % unit != 0]
