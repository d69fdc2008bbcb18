"""What a list of alerts was asked for. Pure."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from query_api.task_query import IdRange, TaskQuery, id_range
from query_api.time_spans import Span
from shared.alerts.verdicts import Rule, Severity


class AlertState(StrEnum):
    """`pending → firing → resolved`; one that never held for long enough goes away without firing."""

    PENDING = "pending"
    FIRING = "firing"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True)
class AlertQuery:
    """Empty: any. `shop_ids` None: every shop, and the platform itself. `since`: noticed then or later."""

    states: tuple[AlertState, ...] = ()
    rules: tuple[Rule, ...] = ()
    severities: tuple[Severity, ...] = ()
    shop_ids: tuple[int, ...] | None = None
    since: datetime | None = None

    @property
    def fingerprint(self) -> bytes:
        """Equal for equal questions, whatever the order their values were given in."""
        several = (self.states, self.rules, self.severities, self.shop_ids)
        parts = (
            "alerts",
            *(None if values is None else sorted(map(str, values)) for values in several),
            self.since and self.since.astimezone(UTC).isoformat(),
        )
        return hashlib.sha256(repr(parts).encode()).digest()[:8]

    @property
    def id_range(self) -> IdRange:
        """Alerts carry the moment they were noticed at in their ids, as tasks do."""
        return id_range(TaskQuery(created=Span(self.since)))
