"""How far a poll is. Pure.

A poll asks for everything that changed since a moment, the oldest first, page by page. The next poll begins
some time before this one did, as the shop's lists lag behind and pages shift while data changes.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sync_worker.clients.shop_reading import Page
from sync_worker.polling.found import Found

# Shopify: a list ends at its 25,000th element.
DEEPEST = 20_000
LONGEST = timedelta(days=1)
MOST_HANDED_ON = 2_000


@dataclass(frozen=True, slots=True)
class PollCursor:
    """`since`: what the poll asks for. `began`: when. `after`: the page it has read, the last of `seen`.

    `handed_on`: what was found lately, by its key, and when it had changed: it may not be stored yet.
    """

    since: datetime
    began: datetime | None = None
    after: str | None = None
    seen: int = 0
    handed_on: Mapping[str, datetime] = field(default_factory=dict)

    def begun(self, now: datetime) -> "PollCursor":
        """Goes on, or begins anew: the page of a poll that broke off long ago is not to be trusted."""
        is_under_way = self.began is not None and now - self.began < LONGEST
        return self if is_under_way else PollCursor(self.since, now, handed_on=self.handed_on)

    def back_to(self, since: datetime, now: datetime) -> "PollCursor":
        """Begins anew, no later than `since`; what was handed on before and is not stored, is again."""
        return PollCursor(min(since, self.since), now)

    def past(self, page: Page, found: Iterable[Found]) -> "PollCursor":
        """Where to go on after a page; a list that gets too long begins anew where it is."""
        handed_on = {**self.handed_on, **{one.key: one.changed_at for one in found}}
        seen = self.seen + len(page.changes)
        newest = page.changes[-1].updated_at if page.changes else self.since
        if seen >= DEEPEST and newest > self.since:
            return PollCursor(newest, self.began, handed_on=handed_on)
        return replace(self, after=page.next_cursor, seen=seen, handed_on=handed_on)

    def finished(self, *, overlap: timedelta) -> "PollCursor":
        """Where the next poll begins."""
        since = max(self.since, (self.began or self.since) - overlap)
        recent = sorted((at, key) for key, at in self.handed_on.items() if at >= since)
        return PollCursor(since, handed_on={key: at for at, key in recent[-MOST_HANDED_ON:]})

    def as_json(self) -> dict[str, Any]:
        facts = {
            "since": self.since.isoformat(),
            "began": self.began and self.began.isoformat(),
            "after": self.after,
            "seen": self.seen,
            "handed_on": {key: at.isoformat() for key, at in self.handed_on.items()},
        }
        return {name: value for name, value in facts.items() if value}


def cursor_of(content: Mapping[str, Any] | None, *, first_since: datetime) -> PollCursor:
    """`first_since`: what the very first poll asks for."""
    if content is None:
        return PollCursor(first_since)
    began, handed_on = content.get("began"), content.get("handed_on", {})
    return PollCursor(
        datetime.fromisoformat(content["since"]),
        datetime.fromisoformat(began) if began else None,
        content.get("after"),
        int(content.get("seen", 0)),
        {key: datetime.fromisoformat(at) for key, at in handed_on.items()},
    )
