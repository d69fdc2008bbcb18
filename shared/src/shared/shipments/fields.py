"""The fields of a reported package, with what is wrong with them in words for people. Pure."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar
from urllib.parse import urlsplit

from pydantic import BeforeValidator

LONGEST_TEXT = 128
LONGEST_ADDRESS = 2_000
MOST_UNITS = 100_000
MOST_ITEMS = 1_000
MOST_NUMBERS = 20

T = TypeVar("T")


def text_of(value: object) -> str:
    """Raises ValueError. Numbers are taken as they are written."""
    if type(value) not in (str, int):
        raise ValueError("should be a text")
    text = str(value).strip()
    if not text:
        raise ValueError("is empty")
    if len(text) > LONGEST_TEXT or not text.isprintable():
        raise ValueError(f"should be at most {LONGEST_TEXT} characters that can be shown")
    return text


def _label(value: object) -> str:
    if value in (None, ""):
        raise ValueError("is missing: a package without a label has not been sent")
    return text_of(value)


def _address(value: object) -> str:
    text = value.strip() if isinstance(value, str) else ""
    try:
        parts = urlsplit(text)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or not parts.hostname or len(text) > LONGEST_ADDRESS:
        raise ValueError("should be an address like https://carrier.example/track/1")
    return text


def _moment(value: object) -> datetime:
    try:
        moment = datetime.fromisoformat(value if isinstance(value, str) else "")
        if moment.tzinfo is not None:
            return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise ValueError("should be a time with its offset, like 2026-11-21T08:00:00+01:00")


def _quantity(value: object) -> int:
    if type(value) is not int or not 0 < value <= MOST_UNITS:
        raise ValueError(f"should be a whole number from 1 to {MOST_UNITS}")
    return value


def _numbers(value: object) -> Any:
    if not isinstance(value, list) or len(value) > MOST_NUMBERS:
        raise ValueError(f"should be a list of at most {MOST_NUMBERS} texts")
    return value


def _items(value: object) -> Any:
    if not isinstance(value, list) or len(value) > MOST_ITEMS:
        raise ValueError(f"should be a list of at most {MOST_ITEMS} products")
    if not value:
        raise ValueError("is empty: a package has to contain products")
    return value


def _unless_absent(read: Callable[[object], T]) -> Callable[[object], T | None]:
    return lambda value: None if value in (None, "") else read(value)


Text = Annotated[str, BeforeValidator(text_of)]
OptionalText = Annotated[str | None, BeforeValidator(_unless_absent(text_of))]
Label = Annotated[str, BeforeValidator(_label)]
OptionalAddress = Annotated[str | None, BeforeValidator(_unless_absent(_address))]
Moment = Annotated[datetime, BeforeValidator(_moment)]
Quantity = Annotated[int, BeforeValidator(_quantity)]
Numbers = Annotated[tuple[Text, ...], BeforeValidator(_numbers)]
ItemList = BeforeValidator(_items)
