"""The attempts of a write-back, from its transitions. Pure."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from query_api.repository.records import EventRow
from shared.envelope import State


@dataclass(frozen=True, slots=True)
class AttemptView:
    """`ended_at` None: it goes on. `failure` as the transition recorded it."""

    attempt: int
    max_attempts: int
    state: State
    started_at: datetime | None
    ended_at: datetime | None
    detail: Mapping[str, Any]
    failure: Mapping[str, Any] = field(default_factory=dict)


def attempts_of(events: Sequence[EventRow]) -> list[AttemptView]:
    """In the order they were made; one that has not begun is none."""
    by_attempt: dict[int, list[EventRow]] = defaultdict(list)
    for event in events:
        if event.state is not State.QUEUED:
            by_attempt[event.attempt].append(event)
    return [_attempt(by_attempt[number]) for number in sorted(by_attempt)]


def _attempt(events: Sequence[EventRow]) -> AttemptView:
    last = max(events, key=lambda event: event.state.rank)
    began = next((event.occurred_at for event in events if event.state is State.PROCESSING), None)
    return AttemptView(
        attempt=last.attempt,
        max_attempts=last.header["max_attempts"],
        state=last.state,
        started_at=began,
        ended_at=None if last.state is State.PROCESSING else last.occurred_at,
        detail=last.detail,
        failure=last.failure,
    )
