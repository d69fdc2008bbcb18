"""Which of two states of one thing is the newer one. Pure."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum

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
    """Equal for states that differ only in when they were written, or in how amounts and times are."""
    content = state.model_dump(exclude={"updated_at": True, "customer": {"updated_at"}})
    return hashlib.sha256(orjson.dumps(content, default=_plain, option=_HASHED)).digest()


def _plain(value: object) -> str:
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    raise TypeError(f"{type(value).__name__} in a state of the shop")
