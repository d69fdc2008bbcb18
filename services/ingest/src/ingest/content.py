"""What can be taken from a sender's headers and body without trusting either. Pure; nothing here raises."""

from datetime import UTC, datetime
from typing import Any

import orjson

_MAX_ID_LENGTH = 64
_MAX_HEADER_LENGTH = 1_000


def json_object(body: bytes) -> dict[str, Any] | None:
    """None for anything else."""
    try:
        content = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    return content if isinstance(content, dict) else None


def id_of(value: object) -> str | None:
    """An id as text, exact also beyond 53 bits; None for what can be none."""
    if type(value) is int:
        return str(value)
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
