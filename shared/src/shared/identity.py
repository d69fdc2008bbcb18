"""Task ids. They are time-ordered, so that lists sort by id and the id is the partition key.

A delivery's id is a UUIDv8: 48 bits of milliseconds, then a hash of who sent what. The same delivery sent
twice gets the same id on any replica, without a database. Follow-ups and people's actions get a UUIDv7.
"""

import hashlib
from datetime import UTC, datetime, timedelta
from uuid import UUID

from uuid_utils.compat import uuid7

OLDEST_PLAUSIBLE_TRIGGER = timedelta(hours=48)
NEWEST_PLAUSIBLE_TRIGGER = timedelta(minutes=5)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def new_task_id() -> UUID:
    return uuid7()


def delivery_task_id(delivery_key: str, *, triggered_at: datetime | None, received_at: datetime) -> UUID:
    """The id of the task a delivery causes; `delivery_key` is unique per delivery and names its shop.

    The sender's trigger time gives the id's place in time when it is plausible; otherwise the day of receipt
    does, so that a redelivery on the same day still gets the same id.
    """
    moment = triggered_at if _is_plausible(triggered_at, received_at) else None
    if moment is None:
        moment = received_at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    digest = hashlib.sha256(delivery_key.encode()).digest()
    return _uuid8(_milliseconds(moment), digest)


def created_at(task_id: UUID) -> datetime:
    """The moment encoded in the first 48 bits of a time-ordered id (UTC)."""
    return _EPOCH + timedelta(milliseconds=task_id.int >> 80)


def age_ms(task_id: UUID, now: datetime) -> int:
    """How long ago that moment was, in milliseconds; of any id whatever, also one that names no moment."""
    return _milliseconds(now) - (task_id.int >> 80)


def first_id_at(moment: datetime) -> UUID:
    """The smallest id of that millisecond: a bound for ranges of ids, not an id of a task."""
    return UUID(int=_milliseconds(moment) << 80)


def _is_plausible(triggered_at: datetime | None, received_at: datetime) -> bool:
    if triggered_at is None:
        return False
    return received_at - OLDEST_PLAUSIBLE_TRIGGER <= triggered_at <= received_at + NEWEST_PLAUSIBLE_TRIGGER


def _milliseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // _MILLISECOND


def _uuid8(milliseconds: int, digest: bytes) -> UUID:
    random_bits = int.from_bytes(digest[:10])
    value = (milliseconds << 80) | random_bits
    value = value & ~(0xF << 76) | (0x8 << 76)
    value = value & ~(0x3 << 62) | (0x2 << 62)
    return UUID(int=value)
