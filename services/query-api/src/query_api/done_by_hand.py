"""When a person may say that they did a shipment by hand, and what is noted of it. Pure."""

from query_api.repository.shipment_records import ShipmentRow
from query_api.shipment_words import ShipmentState

LONGEST_NOTE = 500
_MARK = "Marked as done by hand by "
_PENDING = (
    "It has not failed: it is still being synchronised. Only a failed shipment can be marked as done by "
    "hand; look again in a moment."
)
_UNDER_WAY = (
    "A write-back of it is still under way. Look again when that is over: then the shipment is synchronised, "
    "or can be marked as done by hand."
)
_SYNCED = "It is synchronised: its shop or marketplace knows of it, and nothing is left to do by hand."
_VOIDED = "It is voided, and its shop or marketplace knows: nothing is left to do by hand."


def noted(name: str, words: str | None) -> str:
    """What a shipment's note says from then on; `name` is the token's."""
    return f"{_MARK}{name}: {words}" if words else f"{_MARK}{name}"


def is_marked_by(row: ShipmentRow, name: str) -> bool:
    """Whether this person has said so already, and nothing has changed since."""
    is_done = row.state in (ShipmentState.SYNCED, ShipmentState.VOIDED)
    return is_done and ((row.note or "") + ": ").startswith(f"{_MARK}{name}: ")


def why_not(row: ShipmentRow, *, is_under_way: bool) -> str | None:
    """Why it can not be marked; None when it can. `is_under_way`: a task may still tell of it."""
    match row.state:
        case ShipmentState.FAILED:
            return _UNDER_WAY if is_under_way else None
        case ShipmentState.PENDING:
            return _PENDING
        case ShipmentState.SYNCED | ShipmentState.VOIDED if (row.note or "").startswith(_MARK):
            return f"Somebody else has said so before. {row.note}"
        case ShipmentState.SYNCED:
            return _SYNCED
        case ShipmentState.VOIDED:
            return _VOIDED
