"""What a list of shipped orders was asked for. Pure."""

import hashlib
from dataclasses import dataclass
from datetime import UTC

from query_api.shipment_words import ShipmentState
from query_api.time_spans import ANY_TIME, Span


@dataclass(frozen=True, slots=True)
class OrderQuery:
    """Empty `states`: any. None: of all shops, all accounts. `first_shipment`: when the first one came."""

    states: tuple[ShipmentState, ...] = ()
    shop_ids: tuple[int, ...] | None = None
    account_ids: tuple[int, ...] | None = None
    first_shipment: Span = ANY_TIME
    newest_first: bool = True

    @property
    def fingerprint(self) -> bytes:
        """Equal for equal questions, whatever the order their values were given in."""
        several = (self.states, self.shop_ids, self.account_ids)
        moments = (self.first_shipment.since, self.first_shipment.until)
        parts = (
            "orders",
            *(None if values is None else sorted(map(str, values)) for values in several),
            *(moment and moment.astimezone(UTC).isoformat() for moment in moments),
            self.newest_first,
        )
        return hashlib.sha256(repr(parts).encode()).digest()[:8]
