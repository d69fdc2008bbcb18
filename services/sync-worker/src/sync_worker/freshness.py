"""Which of two states of one thing is the newer one. Pure."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

import orjson
from pydantic import BaseModel

_HASHED = orjson.OPT_PASSTHROUGH_DATETIME


class Freshness(StrEnum):
    """How an arriving state relates to the stored one."""

    NEWER = "newer"
    UNCHANGED = "unchanged"
    OLDER = "older"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class Stamp:
    """When a state came about: by the thing's own clock, and when the shop sent it."""

    updated_at: datetime | None = None
    triggered_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """What is stored; without a content hash nothing is."""

    stamp: Stamp = Stamp()
    content_hash: bytes | None = None
    is_deleted: bool = False


def freshness(known: Known, stamp: Stamp, content_hash: bytes) -> Freshness:
    """Deleted things never come back. States of one moment count as newer when they differ."""
    if known.is_deleted:
        return Freshness.DELETED
    if known.content_hash is None:
        return Freshness.NEWER
    if is_older(stamp, known.stamp):
        return Freshness.OLDER
    return Freshness.UNCHANGED if content_hash == known.content_hash else Freshness.NEWER


def is_older(stamp: Stamp, other: Stamp) -> bool:
    """By `updated_at`, which has whole seconds only; within one, or without it, by `triggered_at`."""
    ours, theirs = stamp.updated_at, other.updated_at
    if ours is not None and theirs is not None and ours != theirs:
        return ours < theirs
    ours, theirs = stamp.triggered_at, other.triggered_at
    return ours is not None and theirs is not None and ours < theirs


def content_hash(state: BaseModel) -> bytes:
    """Equal for states that differ only in when they were written, in how amounts and times are, or in the
    order of their lines: an export keeps none."""
    content = _unordered(state.model_dump(exclude={"updated_at": True, "customer": {"updated_at"}}))
    return hashlib.sha256(_bytes(content)).digest()


def _unordered(value: Any) -> Any:
    """With lists of things in an order of their own."""
    if isinstance(value, dict):
        return {name: _unordered(part) for name, part in value.items()}
    if isinstance(value, list | tuple) and value and isinstance(value[0], dict):
        return sorted((_unordered(part) for part in value), key=_bytes)
    return value


def _bytes(content: Any) -> bytes:
    return orjson.dumps(content, default=_plain, option=_HASHED)


def _plain(value: object) -> str:
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    raise TypeError(f"{type(value).__name__} in a state of the shop")
