"""What happened in a run, entry by entry: what was done to the system, what it was sent, what others saw,
what its log says. Kept as lines of JSON, so that any run can be judged again."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

Facts = dict[str, Any]

# What an entry can tell; its facts are named beside it.
RUN = "run"  # seed, minutes, rate, kinds
INJECTED = "injected"  # number, kind, target, and what the fault did
HEALED = "healed"  # number
READY = "ready"  # process, is_ready: changes only
ANSWERED = "answered"  # page, status, as_of
DELIVERED = "delivered"  # key: answered 2xx
TRANSITION = "transition"  # a row of the log
TASK = "task"  # a row of the projection
COUNTER = "counter"  # shop_id, type, account_id, state, n
EXPECTED = "expected"  # thing (order, customer, receipt), id, state
HELD = "held"  # the same, as the store or the CRM has it
EFFECT = "effect"  # party, id, times, changed
LEAK = "leak"  # file, line, of
DEAD_LETTER = "dead letter"  # body, reason
QUIET = "quiet"  # every task was over
STUCK = "still under way"  # what had not ended when patience did


@dataclass(frozen=True, slots=True)
class Entry:
    at: datetime
    what: str
    facts: Facts


class History:
    """Entries in the order they were noted."""

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        self._entries = list(entries)

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._entries)

    def of(self, what: str) -> list[Facts]:
        return [entry.facts for entry in self._entries if entry.what == what]

    def entries(self, what: str) -> list[Entry]:
        return [entry for entry in self._entries if entry.what == what]

    def note(self, what: str, **facts: Any) -> Entry:
        entry = Entry(datetime.now(UTC), what, facts)
        self._entries.append(entry)
        return entry


class Recording(History):
    """A history that is written down while it happens, so that a run broken off can be read, too."""

    def __init__(self, file: TextIO) -> None:
        super().__init__()
        self._file = file

    def note(self, what: str, **facts: Any) -> Entry:
        entry = super().note(what, **facts)
        self._file.write(line_of(entry) + "\n")
        self._file.flush()
        return entry


def line_of(entry: Entry) -> str:
    told = {"at": entry.at.isoformat(), "what": entry.what, **entry.facts}
    return json.dumps(told, ensure_ascii=False, default=str)


def read(path: Path) -> History:
    """A history that was written down."""
    with path.open(encoding="utf-8") as lines:
        return History(_entry(json.loads(line)) for line in lines)


def _entry(told: Facts) -> Entry:
    return Entry(datetime.fromisoformat(told.pop("at")), told.pop("what"), told)
