"""How far a reading is. Pure.

A reading asks for everything that changed since a moment, page by page. The next one begins some time before
this one did, as lists lag behind and pages shift while data changes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

# A page's place is not to be trusted any more after so long.
LONGEST = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Cursor:
    """`since`: what the reading asks for. `began`: when it did; None: none is under way. `after`: its next
    page; None: the first."""

    since: datetime
    began: datetime | None = None
    after: str | None = None

    def begun(self, now: datetime) -> "Cursor":
        """Goes on, or begins anew."""
        is_under_way = self.began is not None and now - self.began < LONGEST
        return self if is_under_way else Cursor(self.since, now)

    def past(self, next_page: str | None) -> "Cursor":
        return replace(self, after=next_page)

    def restarted(self) -> "Cursor":
        return replace(self, after=None)

    def finished(self, *, overlap: timedelta) -> "Cursor":
        """Where the next reading begins."""
        return Cursor(max(self.since, (self.began or self.since) - overlap))

    def as_json(self) -> dict[str, Any]:
        began = self.began and self.began.isoformat()
        facts = {"since": self.since.isoformat(), "began": began, "after": self.after}
        return {name: value for name, value in facts.items() if value}


def cursor_of(content: Mapping[str, Any] | None, *, first_since: datetime) -> Cursor:
    """`first_since`: what the very first reading asks for."""
    if content is None:
        return Cursor(first_since)
    began = content.get("began")
    return Cursor(
        datetime.fromisoformat(content["since"]),
        datetime.fromisoformat(began) if began else None,
        content.get("after"),
    )
