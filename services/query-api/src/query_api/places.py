"""Places in lists that are sorted by any column, as opaque text. Pure.

A place is the sort value of a row and its id, so that it stays where it is whatever is added or removed
around it. It is no secret: whoever changes it gets another place in the same list, never another list; and it
is refused by every other query.
"""

import base64
import binascii
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson

_VERSION = b"\x02"
_MARK = 1 + 8
_LONGEST = 2_000


class InvalidCursor(ValueError):
    """The message says what is wrong with it and what to do."""


@dataclass(frozen=True, slots=True)
class Place:
    """The page after the row in the list's own order, or the page before it. All keys are JSON values."""

    keys: tuple[Any, ...]
    is_forward: bool


def encode(place: Place, fingerprint: bytes) -> str:
    raw = _VERSION + fingerprint + orjson.dumps([place.is_forward, *place.keys])
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def decode(text: str, fingerprint: bytes) -> Place:
    """Raises InvalidCursor for malformed text and for a cursor of another query."""
    raw = _bytes_of(text)
    if raw[1:_MARK] != fingerprint:
        raise of_another_query()
    match _content_of(raw):
        case [bool(is_forward), *keys] if keys:
            return Place(tuple(keys), is_forward)
    raise malformed()


def of_another_query() -> InvalidCursor:
    return InvalidCursor(
        "The cursor belongs to another query. Repeat the filters and the sort order it came with, "
        "or leave the cursor out to start at the first page."
    )


def malformed() -> InvalidCursor:
    return InvalidCursor(
        "This is no cursor of this version of the API. Use `next` or `previous` of an answer as it is, "
        "or leave the cursor out to start at the first page."
    )


def of_id(row_id: UUID, *, is_forward: bool) -> Place:
    """A place in a list that is in the order of its ids."""
    return Place((str(row_id),), is_forward)


def id_of(place: Place) -> UUID:
    """The last key of a place is the row's id. Raises InvalidCursor."""
    try:
        return UUID(place.keys[-1])
    except (ValueError, AttributeError, TypeError):
        raise malformed() from None


def moment_of(text: str) -> datetime:
    """A moment that a place was made with. Raises InvalidCursor."""
    try:
        moment = datetime.fromisoformat(text)
        in_utc = moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise malformed() from None
    if moment.tzinfo is None:
        raise malformed()
    return in_utc


def _bytes_of(text: str) -> bytes:
    try:
        raw = base64.b64decode(text.encode() + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, UnicodeEncodeError, ValueError):
        raw = b""
    if not _MARK < len(raw) <= _LONGEST or raw[:1] != _VERSION:
        raise malformed()
    return raw


def _content_of(raw: bytes) -> Any:
    try:
        return orjson.loads(raw[_MARK:])
    except orjson.JSONDecodeError:
        raise malformed() from None
