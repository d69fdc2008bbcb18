"""Which changes no webhook has told. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sync_worker.clients.shop_reading import Change


@dataclass(frozen=True, slots=True)
class Stored:
    """What is stored of one thing."""

    updated_at: datetime | None
    content_hash: bytes | None
    is_deleted: bool = False


@dataclass(frozen=True, slots=True)
class Window:
    """The time a poll speaks for: what happened before is history, what comes later may still be told."""

    since: datetime
    until: datetime

    def holds(self, change: Change) -> bool:
        return self.since <= change.updated_at <= self.until


def unheard_of(changes: Iterable[Change], stored: Mapping[str, Stored], window: Window) -> list[Change]:
    """Changes in the window that are newer than what is stored. The deleted stay deleted."""
    return [change for change in changes if window.holds(change) and _is_newer(change, stored.get(change.id))]


def or_handed_on(known: Stored | None, handed_on_at: datetime | None) -> Stored | None:
    """What counts as stored: what was handed on before will be, even if it is not yet."""
    if handed_on_at is None or (known is not None and known.is_deleted):
        return known
    if known is not None and known.updated_at is not None and known.updated_at >= handed_on_at:
        return known
    return Stored(handed_on_at, None)


def _is_newer(change: Change, known: Stored | None) -> bool:
    if known is None:
        return True
    return not known.is_deleted and (known.updated_at is None or change.updated_at > known.updated_at)
