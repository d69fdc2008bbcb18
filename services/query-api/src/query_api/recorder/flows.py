"""What came into each state in a minute or an hour: of a shop's tasks, of a type's, of an account's. Pure.

Made of the counters by type, account and state, so it moves with them.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from operator import add
from typing import Any, NamedTuple

from query_api.recorder.fold import Bucket, Tally
from query_api.spreads import Spread
from shared.envelope import State

_PLACES = {state: place for place, state in enumerate(State)}
_ITEMS, _WAITED, _TOOK = len(_PLACES), len(_PLACES) + 2, len(_PLACES) + 3
_ZEROS = [0] * (_TOOK + 1)


class Subject(NamedTuple):
    """Of which tasks it is told, and when."""

    bucket: datetime
    shop_id: int
    facet: str
    name: str


class Flow(NamedTuple):
    """`took`, `waited`: how durations are spread."""

    queued: int
    processing: int
    retrying: int
    failed: int
    succeeded: int
    cancelled: int
    items_processed: int
    items_failed: int
    waited: Spread
    took: Spread


def flows_of(counted: Iterable[tuple[Bucket, Tally]]) -> list[tuple[Subject, Flow]]:
    """In lock order."""
    sums: dict[Subject, list[int]] = defaultdict(_ZEROS.copy)
    for (bucket, kind), tally in counted:
        place = _PLACES[State(kind.state)]
        for facet, name in (("all", ""), ("type", kind.type), ("account", str(kind.account_id))):
            own = sums[Subject(bucket, kind.shop_id, facet, name)]
            own[place] += tally.n
            own[_ITEMS] += tally.items_processed
            own[_ITEMS + 1] += tally.items_failed
            own[_WAITED if kind.state == State.PROCESSING else _TOOK] += tally.spread
    return [(subject, Flow._make(own)) for subject, own in sorted(sums.items())]


def by_step(counted: Iterable[tuple[Bucket, Tally]]) -> Iterator[tuple[str, list[tuple[Subject, Flow]]]]:
    """By minute and by hour."""
    minutes = flows_of(counted)
    yield "minute", minutes
    yield "hour", _by_hour(minutes)


def _by_hour(minutes: Iterable[tuple[Subject, Flow]]) -> list[tuple[Subject, Flow]]:
    """The same of whole hours, in lock order."""
    sums: dict[Subject, list[int]] = defaultdict(_ZEROS.copy)
    for subject, flow in minutes:
        own = sums[subject._replace(bucket=subject.bucket.replace(minute=0))]
        own[:] = map(add, own, flow)
    return [(subject, Flow._make(own)) for subject, own in sorted(sums.items())]


def flow_columns(flows: Sequence[tuple[Subject, Flow]]) -> dict[str, tuple[Any, ...]]:
    """One array for each column, by the names the queries use."""
    subjects, told = zip(*flows, strict=True)
    columns = dict(zip(Flow._fields, zip(*told, strict=True), strict=True))
    texts = {name: tuple(map(str, columns[name])) for name in ("waited", "took")}
    return dict(zip(Subject._fields, zip(*subjects, strict=True), strict=True)) | columns | texts
