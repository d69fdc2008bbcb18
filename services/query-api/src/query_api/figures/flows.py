"""What went through in a bucket of time: counts, rates and percentiles. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import NamedTuple

from query_api.spreads import Spread, percentiles_ms
from shared.envelope import State

_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Flow:
    """`entered`: how many transitions into each state. `took`: attempts by how long they took, `waited`: by
    how long they had waited."""

    entered: Mapping[str, int] = field(default_factory=dict)
    items_processed: int = 0
    items_failed: int = 0
    took: Spread = 0
    waited: Spread = 0

    @property
    def ended(self) -> int:
        return self.of(State.SUCCEEDED) + self.of(State.FAILED)

    @property
    def success_rate(self) -> float | None:
        """Succeeded out of all that ended; None when nothing did."""
        return self.of(State.SUCCEEDED) / self.ended if self.ended else None

    @property
    def size(self) -> int:
        """How much happened."""
        return sum(self.entered.values())

    def of(self, state: State) -> int:
        return self.entered.get(state, 0)

    def per_minute(self, length: timedelta) -> float:
        """Tasks that ended, per minute of a time so long."""
        return self.ended / (length / _MINUTE) if length else 0.0

    def durations_ms(self, *shares: float) -> list[float | None]:
        return percentiles_ms(self.took, *shares)

    def waits_ms(self, *shares: float) -> list[float | None]:
        return percentiles_ms(self.waited, *shares)


class Told(NamedTuple):
    """What of one key went through in one bucket, or a part of it; `place` counts from 0."""

    place: int
    key: str
    flow: Flow


Flows = dict[str, list[Flow]]


def flows_of(told: Iterable[Told], n_buckets: int) -> Flows:
    """By key a flow for each bucket, in which nothing may have happened."""
    flows: Flows = {}
    for place, key, flow in told:
        own = flows.setdefault(key, [NOTHING] * n_buckets)
        own[place] = flow if own[place] is NOTHING else added([own[place], flow])
    return flows


def added(flows: Iterable[Flow]) -> Flow:
    """All of them together."""
    parts = list(flows)
    states = sorted({state for part in parts for state in part.entered})
    return Flow(
        {state: sum(part.entered.get(state, 0) for part in parts) for state in states},
        sum(part.items_processed for part in parts),
        sum(part.items_failed for part in parts),
        sum(part.took for part in parts),
        sum(part.waited for part in parts),
    )


def regrouped(flows: Flows, key_of: Mapping[str, str]) -> Flows:
    """Flows of the same new key become one; what has none is left out."""
    grouped: dict[str, list[list[Flow]]] = {}
    for key, own in flows.items():
        if key in key_of:
            grouped.setdefault(key_of[key], []).append(own)
    return {key: [added(bucket) for bucket in zip(*parts, strict=True)] for key, parts in grouped.items()}


NOTHING = Flow()
