"""States of shipments as the pages show them. Pure."""

from collections.abc import Mapping
from types import MappingProxyType

from query_api.shipment_words import REQUIRES_SYNC, WORDS, ShipmentState

__all__ = ["CHIPS", "REQUIRES_SYNC", "TONES", "WORDS"]

TONES: Mapping[ShipmentState, str] = MappingProxyType(
    {
        ShipmentState.PENDING: "busy",
        ShipmentState.SYNCED: "good",
        ShipmentState.FAILED: "bad",
        ShipmentState.VOIDED: "calm",
    }
)
CHIPS: Mapping[ShipmentState, str] = MappingProxyType(
    {
        ShipmentState.FAILED: "failed",
        ShipmentState.PENDING: "processing",
        ShipmentState.SYNCED: "succeeded",
        ShipmentState.VOIDED: "queued",
    }
)
