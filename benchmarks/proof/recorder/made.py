"""The transitions that are recorded, in every form somebody wants them in."""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta

from msgspec import convert

from benchmarks.made_up import Scale, Shop, lives
from query_api.recorder.events import Event
from query_api.recorder.reading import Entry, read
from shared.envelope import Transition, encode, utc_now

_PER_SECOND = 150  # as 50 tasks a second make them
_SHOPS = [Shop(number, (2 * number - 1, 2 * number)) for number in range(1, 6)]


def made_transitions(count: int) -> list[Transition]:
    """So many of one morning, in the order in which they would come, without payloads."""
    midnight = datetime.combine(utc_now().date(), time(), UTC)
    scale = Scale(count, days=1, until=midnight + timedelta(seconds=60 + count / _PER_SECOND))
    events: list[Event] = []
    for life in lives(scale, scale.dates[0], _SHOPS):
        events += life
        if len(events) >= count:
            break
    return [_transition(event) for event in sorted(events[:count], key=lambda event: event.occurred_at)]


def entries_of(transitions: Sequence[Transition]) -> list[Entry]:
    return [entry for one in transitions for entry in read(encode([one]), utc_now()).entries]


def _transition(event: Event) -> Transition:
    return convert(
        {
            "task": event.header,
            "state": event.state,
            "attempt": event.attempt,
            "occurred_at": event.occurred_at,
            "service": event.service,
            "detail": event.detail,
        },
        Transition,
    )
