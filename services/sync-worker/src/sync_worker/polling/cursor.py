"""How far a poll is. Pure.

A poll asks for everything that changed since a moment, the oldest first, page by page. The next poll begins
some time before this one did, as the shop's lists lag behind and pages shift while data changes.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sync_worker.clients.shop_reading import Page

# Shopify: a list ends at its 25,000th element.
DEEPEST = 20_000
LONGEST = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class PollCursor:
    """`since`: what the poll asks for. `began`: when. `after`: the page it has read, the last of `seen`."""

    since: datetime
    began: datetime | None = None
    after: str | None = None
    seen: int = 0

    def begun(self, now: datetime) -> "PollCursor":
        """Goes on, or begins anew: the page of a poll that broke off long ago is not to be trusted."""
        is_under_way = self.began is not None and now - self.began < LONGEST
        return self if is_under_way else PollCursor(self.since, now)

    def past(self, page: Page) -> "PollCursor":
        """Where to go on after a page; a list that gets too long begins anew where it is."""
        seen = self.seen + len(page.changes)
        newest = page.changes[-1].updated_at if page.changes else self.since
        if seen >= DEEPEST and newest > self.since:
            return PollCursor(newest, self.began)
        return replace(self, after=page.next_cursor, seen=seen)

    def finished(self, *, overlap: timedelta) -> "PollCursor":
        """Where the next poll begins."""
        return PollCursor(max(self.since, (self.began or self.since) - overlap))

    def as_json(self) -> dict[str, Any]:
        facts = {"since": self.since, "began": self.began, "after": self.after, "seen": self.seen or None}
        return {
            name: value.isoformat() if isinstance(value, datetime) else value
            for name, value in facts.items()
            if value is not None
        }


def cursor_of(content: dict[str, Any] | None, *, first_since: datetime) -> PollCursor:
    """`first_since`: what the very first poll asks for."""
    if content is None:
        return PollCursor(first_since)
    began = content.get("began")
    return PollCursor(
        datetime.fromisoformat(content["since"]),
        datetime.fromisoformat(began) if began else None,
        content.get("after"),
        int(content.get("seen", 0)),
    )
