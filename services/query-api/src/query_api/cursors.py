"""Places in a list, as opaque text. Pure.

A cursor is a version byte, the fingerprint of its query, a direction and the id of a task. It is
no secret: whoever changes it gets another place in the same list, never another list.
"""

import base64
import binascii
from dataclasses import dataclass
from uuid import UUID

_VERSION = b"\x01"
_LENGTH = 1 + 8 + 1 + 16


class InvalidCursor(ValueError):
    """The message says what is wrong with it and what to do."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """The page after the task in the list's own order, or the page before it."""

    task_id: UUID
    is_forward: bool


def encode(cursor: Cursor, fingerprint: bytes) -> str:
    direction = b"\x01" if cursor.is_forward else b"\x00"
    raw = _VERSION + fingerprint + direction + cursor.task_id.bytes
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def decode(text: str, fingerprint: bytes) -> Cursor:
    """Raises InvalidCursor for malformed text and for a cursor of another query."""
    raw = _bytes_of(text)
    if raw[1:9] != fingerprint:
        raise of_another_query()
    return Cursor(UUID(bytes=raw[10:]), is_forward=raw[9] == 1)


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


def _bytes_of(text: str) -> bytes:
    try:
        raw = base64.b64decode(text.encode() + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, UnicodeEncodeError, ValueError):
        raw = b""
    if len(raw) != _LENGTH or raw[:1] != _VERSION or raw[9] > 1:
        raise malformed()
    return raw
