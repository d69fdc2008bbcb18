"""How current the log is."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from shared.db.queries import load_queries

SILENT_AFTER = timedelta(seconds=15)
LATE_AFTER = timedelta(seconds=30)

_queries = load_queries(__file__, "freshness")


@dataclass(frozen=True, slots=True)
class LogState:
    """`as_of`: all that occurred before it stands in the log (None: nothing was ever recorded).
    `backlog`: messages that waited to be recorded when a recorder last looked, at `seen_at`."""

    as_of: datetime | None
    backlog: int
    seen_at: datetime | None

    def is_silent(self, now: datetime) -> bool:
        """No recorder has said anything for a while."""
        return self.seen_at is None or now - self.seen_at > SILENT_AFTER

    def is_late(self, now: datetime) -> bool:
        """The log is complete only up to a moment that people would notice."""
        return self.as_of is None or now - self.as_of > LATE_AFTER


async def log_state(connection: Any) -> LogState:
    record = await _queries.log_state(connection)
    return LogState(record["as_of"], record["backlog"] or 0, record["seen_at"])
