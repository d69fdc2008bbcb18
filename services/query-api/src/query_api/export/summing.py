"""What a file of tasks says about itself. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson

from query_api.repository.records import TaskRow


@dataclass(frozen=True, slots=True)
class About:
    """Of which list it is: filters and order in the words they were asked in, and the moment it shows."""

    asked: Mapping[str, Any]
    sort: str
    timezone: str
    as_of: datetime | None


@dataclass(slots=True)
class Summary:
    about: About
    tasks: int = 0
    states: Counter[str] = field(default_factory=Counter)
    types: Counter[str] = field(default_factory=Counter)
    error_kinds: Counter[str] = field(default_factory=Counter)
    items_processed: int = 0
    items_failed: int = 0

    def add(self, rows: Iterable[TaskRow]) -> None:
        for row in rows:
            self.tasks += 1
            self.states[row.state.value] += 1
            self.types[row.type] += 1
            if row.error_kind is not None:
                self.error_kinds[row.error_kind] += 1
            self.items_processed += row.items_processed or 0
            self.items_failed += row.items_failed or 0

    def as_json(self) -> dict[str, Any]:
        return {
            "tasks": self.tasks,
            "as_of": self.about.as_of,
            "timezone": self.about.timezone,
            "filter": dict(self.about.asked),
            "sort": self.about.sort,
            "states": dict(self.states.most_common()),
            "types": dict(self.types.most_common()),
            "error_kinds": dict(self.error_kinds.most_common()),
            "items_processed": self.items_processed,
            "items_failed": self.items_failed,
        }

    def lines(self) -> list[tuple[str, Any]]:
        """For people."""
        return [
            ("Tasks", self.tasks),
            (f"As Of ({self.about.timezone})", self.about.as_of),
            ("Time Zone", self.about.timezone),
            ("Filter", orjson.dumps(dict(self.about.asked)).decode()),
            ("Sort", self.about.sort),
            *((f"State: {name}", n) for name, n in self.states.most_common()),
            *((f"Type: {name}", n) for name, n in self.types.most_common()),
            *((f"Error Kind: {name}", n) for name, n in self.error_kinds.most_common()),
            ("Items Processed", self.items_processed),
            ("Items Failed", self.items_failed),
        ]
