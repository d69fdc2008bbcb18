"""What becomes of an exported state. Pure."""

from enum import StrEnum

from sync_worker.freshness import Freshness, Known, Stamp, freshness


class Kept(StrEnum):
    """The words in which an import counts what it did."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    OLDER = "older"
    DELETED = "deleted"

    @property
    def is_written(self) -> bool:
        return self in (Kept.NEW, Kept.CHANGED)


def verdict_on(known: Known | None, stamp: Stamp, digest: bytes) -> Kept:
    """An export is no news: of two states of one moment the one that is stored already stays."""
    if known is None:
        return Kept.NEW
    match freshness(known, stamp, digest):
        case Freshness.DELETED:
            return Kept.DELETED
        case Freshness.OLDER:
            return Kept.OLDER
        case Freshness.UNCHANGED:
            return Kept.UNCHANGED
        case Freshness.NEWER if known.content_hash is None:
            return Kept.NEW
        case Freshness.NEWER:
            return Kept.UNCHANGED if stamp.updated_at == known.stamp.updated_at else Kept.CHANGED
