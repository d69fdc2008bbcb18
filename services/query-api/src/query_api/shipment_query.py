"""What a list of shipments was asked for. Pure."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from uuid import UUID

from query_api.shipment_words import ShipmentState
from query_api.task_query import UnknownWord
from query_api.time_spans import ANY_TIME, Span

STATE_ALIASES = {"success": ShipmentState.SYNCED}
_SINCE_EVER = datetime(1970, 1, 1, 0, 0, 0, 1, tzinfo=UTC)


class Sort(StrEnum):
    """The columns a list can be sorted by."""

    CREATED = "created"
    ORDER_NUMBER = "order_number"
    ACCOUNT = "account"
    CARRIER = "carrier"
    STATE = "state"
    QUANTITY = "quantity"
    LAST_ATTEMPT = "last_attempt"
    ERROR_COUNT = "error_count"
    SYNCED_AT = "synced_at"


SORTS = tuple(f"{sign}{sort}" for sort in Sort for sign in ("-", ""))


@dataclass(frozen=True, slots=True)
class ShipmentQuery:
    """Empty `states`: any. None: not filtered by that. `ids`: only some of these."""

    states: tuple[ShipmentState, ...] = ()
    shop_ids: tuple[int, ...] | None = None
    account_ids: tuple[int, ...] | None = None
    order_number: str | None = None
    shipment_id: str | None = None
    tracking_number: str | None = None
    ids: tuple[UUID, ...] | None = None
    created: Span = ANY_TIME
    attempted: Span = ANY_TIME
    sort: Sort = Sort.CREATED
    descending: bool = True

    @property
    def wanted_states(self) -> tuple[ShipmentState, ...]:
        return self.states or tuple(ShipmentState)

    @property
    def is_cut_across(self) -> bool:
        """It wants a stretch of time in another order than that of time."""
        by_created = self.created.is_open or self.sort is Sort.CREATED
        by_attempt = self.attempted.is_open or self.sort is Sort.LAST_ATTEMPT
        return not (by_created and by_attempt)

    @property
    def fingerprint(self) -> bytes:
        """Equal for equal questions, whatever the order their values were given in."""
        moments = (self.created.since, self.created.until, self.attempted.since, self.attempted.until)
        several = (self.states, self.shop_ids, self.account_ids, self.ids)
        parts = (
            *(None if values is None else sorted(map(str, values)) for values in several),
            *(self.order_number, self.shipment_id, self.tracking_number),
            *(moment and moment.astimezone(UTC).isoformat() for moment in moments),
            *(self.sort.value, self.descending),
        )
        return hashlib.sha256(repr(parts).encode()).digest()[:8]

    @property
    def order_numbers(self) -> list[str]:
        """As it was given, and with and without the number sign that some shops put before it."""
        number = self.order_number or ""
        return list(dict.fromkeys([number, number.removeprefix("#"), f"#{number.removeprefix('#')}"]))

    @property
    def attempted_since(self) -> datetime | None:
        """What was never tried lies in no stretch of time."""
        return None if self.attempted.is_open else self.attempted.since or _SINCE_EVER


def parse_sort(word: str) -> tuple[Sort, bool]:
    """The column, and whether the largest come first: `-created` is the newest first. Raises UnknownWord."""
    try:
        return Sort(word.removeprefix("-")), word.startswith("-")
    except ValueError:
        raise UnknownWord(word, SORTS) from None


def parse_states(words: Iterable[str]) -> tuple[ShipmentState, ...]:
    """States and their alias (success). Raises UnknownWord."""
    found = {_state_of(word) for word in words}
    return tuple(state for state in ShipmentState if state in found)


def _state_of(word: str) -> ShipmentState:
    name = word.lower()
    try:
        return STATE_ALIASES.get(name) or ShipmentState(name)
    except ValueError:
        raise UnknownWord(word, [*ShipmentState, *STATE_ALIASES]) from None
