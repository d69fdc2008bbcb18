"""What a rule says of its subject at a moment. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID


class Rule(StrEnum):
    """What is watched. Names are stored and are part of the API."""

    ORDER_SILENCE = "order-silence"
    ERROR_RATE = "error-rate"
    CONNECTION = "connection"
    CREDENTIALS = "credentials"
    EXPIRY = "expiry"
    FAILURE_GROUP = "failure-group"
    QUEUED = "queued-too-long"
    STUCK = "stuck-tasks"
    LANE = "lane-without-consumers"
    LOG_LAG = "log-lag"
    DEAD_LETTERS = "dead-letters"


class Severity(StrEnum):
    WARNING = "warning"
    CRITICAL = "critical"


@dataclass(frozen=True, slots=True)
class Example:
    """One task that shows what is wrong."""

    task_id: UUID
    type: str
    message: str
    order_number: str | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """`is_met`: it is as the rule warns of; once it has held for `hold` an alert fires.

    `title` is one line for a mail's subject, `explanation` sentences with the figures; both also say how
    things are when the rule is not met. `numbers` are the figures themselves with their limits, `since` when
    it began as far as the facts tell, `link` the console's filter that shows what is meant.
    """

    rule: Rule
    subject: str
    is_met: bool
    severity: Severity
    title: str
    explanation: str
    numbers: Mapping[str, Any]
    hold: timedelta = timedelta()
    since: datetime | None = None
    remedy: str | None = None
    link: Mapping[str, str] = field(default_factory=dict)
    examples: tuple[Example, ...] = ()
