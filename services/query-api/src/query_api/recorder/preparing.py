"""What a batch of transitions comes to before the database is asked. Pure."""

from collections.abc import Iterable, Sequence
from functools import cached_property
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from query_api.recorder.api_calls import ApiCalls
from query_api.recorder.columns import CounterColumns, counter_columns
from query_api.recorder.failures import Failures
from query_api.recorder.fold import Counters, TaskRow, task_row
from query_api.recorder.payloads import PayloadRow, payload_rows
from query_api.recorder.reading import Entry


class Moved(NamedTuple):
    """What new transitions change besides the log, in lock order; counters as they are sent."""

    tasks: list[TaskRow]
    payloads: list[PayloadRow]
    counters: CounterColumns
    failures: Failures
    calls: ApiCalls


class Prepared:
    """A batch in lock order, and what it moves when all of it is new: worked out when first asked for."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self.entries = _in_lock_order(entries)

    @cached_property
    def moved(self) -> Moved:
        return moved_by(self.entries)

    def halves(self) -> tuple["Prepared", "Prepared"]:
        middle = len(self.entries) // 2
        return Prepared(self.entries[:middle]), Prepared(self.entries[middle:])


def moved_by(entries: Sequence[Entry]) -> Moved:
    """`entries`: in lock order."""
    payloads: list[PayloadRow] = []
    counters, failures, calls = Counters(), Failures(), ApiCalls()
    for event, transition in entries:
        counters.add(event)
        failures.add(event)
        if transition.detail.calls or transition.payload is not None:
            payloads += payload_rows(transition)
            calls.add(transition)
    return Moved(_task_rows(entries), payloads, counter_columns(counters), failures, calls)


def _in_lock_order(entries: Iterable[Entry]) -> list[Entry]:
    """Of one transition in several messages, the first."""
    by_place: dict[tuple[int, int], Entry] = {}
    for entry in entries:
        by_place.setdefault((entry.event.task_id.int, entry.event.order), entry)
    return [by_place[place] for place in sorted(by_place)]


def _task_rows(entries: Sequence[Entry]) -> list[TaskRow]:
    by_task = groupby(entries, key=attrgetter("event.task_id.int"))
    return [task_row([entry.event for entry in one]) for _, one in by_task]
