"""How shipments and their orders stand, in the words people know from shipping software. Pure."""

from dataclasses import dataclass
from enum import StrEnum


class ShipmentState(StrEnum):
    """PENDING: the order's shop or marketplace is still to be told, or told again."""

    PENDING = "pending"
    SYNCED = "synced"
    FAILED = "failed"
    VOIDED = "voided"


WORDS = {
    ShipmentState.PENDING: "Fulfillment Pending",
    ShipmentState.SYNCED: "Prepared",
    ShipmentState.FAILED: "Failed",
    ShipmentState.VOIDED: "Voided",
}
REQUIRES_SYNC = "Requires shipment synchronization"


class Fulfilment(StrEnum):
    """What the order's shop or marketplace knows of: nothing, a part, or all of it."""

    NONE = "Unfulfilled"
    PARTIAL = "Partially fulfilled"
    ALL = "Fulfilled"


@dataclass(frozen=True, slots=True)
class Tally:
    """An order's packages by state. `ordered`: units it asks for, if known; `units_synced`: units in packages
    that its shop or marketplace knows of."""

    pending: int
    synced: int
    failed: int
    voided: int
    ordered: int | None
    units_synced: int


def message_of(tally: Tally) -> str | None:
    """What a person has to know of the order; None when there is nothing to do."""
    return REQUIRES_SYNC if tally.failed else None


def fulfilment_of(tally: Tally) -> Fulfilment:
    """Packages not through, or units in no package yet, leave an order with a part."""
    if not tally.synced:
        return Fulfilment.NONE
    is_short = tally.ordered is not None and tally.units_synced < tally.ordered
    return Fulfilment.PARTIAL if tally.failed or tally.pending or is_short else Fulfilment.ALL
