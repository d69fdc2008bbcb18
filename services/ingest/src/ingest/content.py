"""What can be taken from a sender's headers and body without trusting either. Pure; nothing here raises."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec
import orjson

Wanted = msgspec.json.Decoder[msgspec.Struct]

_MAX_ID_LENGTH = 64
_MAX_ID_BITS = 64
_MAX_HEADER_LENGTH = 1_000


def json_object(body: bytes) -> dict[str, Any] | None:
    """None for anything else."""
    try:
        content = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    return content if isinstance(content, dict) else None


def wanted_fields(*names: str) -> Wanted:
    """What `fields_of` picks out of a body. Whatever else there is, no objects are made of it."""
    return msgspec.json.Decoder(msgspec.defstruct("Fields", [(name, Any, None) for name in names]))


def fields_of(body: bytes, wanted: Wanted) -> Mapping[str, Any]:
    """None for those that are not there; nothing of anything but a JSON object."""
    try:
        return msgspec.structs.asdict(wanted.decode(body))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}


def id_of(value: object) -> str | None:
    """An id as text, exact also beyond 53 bits; None for what can be none."""
    if type(value) is int:
        return str(value) if value.bit_length() <= _MAX_ID_BITS else None
    return short_text(value)


def short_text(value: object) -> str | None:
    """The value when it is a text fit for lists and labels."""
    is_fit = isinstance(value, str) and 0 < len(value) <= _MAX_ID_LENGTH and value.isprintable()
    return str(value) if is_fit else None


def moment(text: object, *, naive_is_utc: bool = False) -> datetime | None:
    """An ISO 8601 time in UTC. Anything unreadable counts as absent."""
    try:
        found = datetime.fromisoformat(text if isinstance(text, str) else "")
        if found.tzinfo is None:
            return found.replace(tzinfo=UTC) if naive_is_utc else None
        return found.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def storable(header: str) -> str:
    """A header's value, short enough to be kept."""
    return header[:_MAX_HEADER_LENGTH].replace("\x00", "")
