"""The steps and results of imports as people call them. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

STEPS = (
    (
        "exporting",
        "Export",
        "The shop writes a file of everything it has. That takes minutes, for millions of orders an hour.",
    ),
    ("staging", "Read", "The file is read, a piece at a time."),
    ("processing", "Store", "Customers, then orders are stored. What is stored and newer stays."),
    (
        "syncing",
        "Tell the CRM",
        "All is stored. What changed goes to the CRM in small batches; live webhooks are not delayed.",
    ),
)
NAMES: Mapping[str, str] = MappingProxyType(
    {
        "requested": "Requested",
        "exporting": "Exporting",
        "staging": "Reading",
        "processing": "Storing",
        "syncing": "Telling the CRM",
        "finished": "Finished",
        "failed": "Failed",
        "stopped": "Stopped",
    }
)
TONES: Mapping[str, str] = MappingProxyType({"finished": "good", "failed": "bad", "stopped": "warn"})
COUNTS: Mapping[str, str] = MappingProxyType(
    {
        "processed": "Stored",
        "new": "New",
        "changed": "Changed",
        "unchanged": "Unchanged",
        "older": "Older than what is stored",
        "deleted": "Deleted before",
        "failed": "Could not be used",
        "orphans": "… of these parts without a whole",
        "parcels": "Parcels",
        "refunds": "Refunds",
        "to_sync": "For the CRM",
    }
)


@dataclass(frozen=True, slots=True)
class Step:
    """One step on the way of an import. `place`: done, now or later."""

    name: str
    title: str
    words: str
    place: str


def name_of(state: str) -> str:
    return NAMES.get(state, state.capitalize())


def tone_of(state: str) -> str:
    return TONES.get(state, "busy")


def results(counts: Mapping[str, int]) -> list[tuple[str, str, int]]:
    """What became of the objects of one kind: name, words and count, without what only the import needs."""
    return [(name, words, counts[name]) for name, words in COUNTS.items() if name in counts]


def steps(state: str) -> list[Step]:
    """Of an import under way; of one that ended only if it got through."""
    order = ["requested", *(name for name, _, _ in STEPS), "finished"]
    here = order.index(state) if state in order else 0
    return [Step(*one, place=_place(order.index(one[0]), here)) for one in STEPS]


def _place(place: int, here: int) -> str:
    if place == here:
        return "now"
    return "done" if place < here else "later"
