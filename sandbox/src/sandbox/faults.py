"""Switches that make an outside system misbehave: rules, and the seeded choice which request they hit."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from enum import StrEnum
from random import Random

from pydantic import BaseModel, ConfigDict, Field, field_validator


class Fault(StrEnum):
    RATE_LIMITED = "rate_limited"
    UNAVAILABLE = "unavailable"
    SLOW = "slow"
    RESET_BEFORE = "reset_before"
    RESET_AFTER_EFFECT = "reset_after_effect"
    UNAUTHORISED = "unauthorised"
    MALFORMED = "malformed"
    SERVER_ERROR = "server_error"


@dataclass(frozen=True)
class Call:
    """One request, as far as rules look at it; `operations` are the root fields of a GraphQL body."""

    system: str
    method: str
    path: str
    operations: Callable[[], frozenset[str]] = frozenset


class FaultRule(BaseModel):
    """Which requests of which system get which fault, how often and how many times."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    system: str
    route: str = "*"
    operation: str | None = None
    fault: Fault
    probability: float = Field(default=1.0, ge=0, le=1)
    times: int | None = Field(default=None, ge=0)
    retry_after: str | None = None
    delay_ms: int | None = Field(default=None, ge=0)

    @field_validator("route")
    @classmethod
    def route_is_method_and_path(cls, route: str) -> str:
        if route != "*" and not re.fullmatch(r"(\*|[A-Z]+) /\S*", route):
            raise ValueError('use "*" or "METHOD /path", e.g. "POST /api/v3/receipts"')
        return route

    def matches(self, call: Call) -> bool:
        """True when the rule concerns this request; `{name}` stands for one segment, `*` for anything."""
        if self.system not in ("*", call.system):
            return False
        if self.operation is not None and self.operation not in call.operations():
            return False
        if self.route == "*":
            return True
        method, path = self.route.split(" ", 1)
        return method in ("*", call.method) and re.fullmatch(_path_pattern(path), call.path) is not None


def _path_pattern(path: str) -> str:
    parts = re.split(r"(\{\w+\}|\*)", path)
    return "".join("[^/]+" if p.startswith("{") else ".*" if p == "*" else re.escape(p) for p in parts)


def retry_after_header(value: str | None, *, now: datetime) -> str | None:
    """The header to send: the rule's text, or for `http-date+N` the HTTP date N seconds from now."""
    relative = re.fullmatch(r"http-date\+(\d+)", value or "")
    if relative is None:
        return value
    return format_datetime((now + timedelta(seconds=int(relative[1]))).astimezone(UTC), usegmt=True)


@dataclass
class ArmedRule:
    rule: FaultRule
    considered: int = 0
    injected: int = 0

    def strikes(self, chance: float) -> bool:
        """Count the request and say whether the fault hits it; `chance` is uniform in [0, 1)."""
        self.considered += 1
        spent = self.rule.times is not None and self.injected >= self.rule.times
        if spent or chance >= self.rule.probability:
            return False
        self.injected += 1
        return True


@dataclass
class FaultBoard:
    """The rules in force; the first that strikes wins. The same seed and requests give the same faults."""

    seed: str
    armed: list[ArmedRule] = field(default_factory=list)
    _chances: Random = field(default_factory=Random)

    def arm(self, rules: Sequence[FaultRule]) -> None:
        """Replace all rules and start the seeded sequence and the counts again."""
        self.armed = [ArmedRule(rule) for rule in rules]
        self._chances = Random(f"faults:{self.seed}")

    def strike(self, call: Call) -> FaultRule | None:
        """The rule that hits this request, or None."""
        concerned = (armed for armed in self.armed if armed.rule.matches(call))
        return next((armed.rule for armed in concerned if armed.strikes(self._chances.random())), None)

    def describe(self) -> list[dict[str, object]]:
        """Every rule with how many requests it met and how many it hit."""
        return [
            {**armed.rule.model_dump(mode="json"), "considered": armed.considered, "injected": armed.injected}
            for armed in self.armed
        ]
