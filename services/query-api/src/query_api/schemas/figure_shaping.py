"""From flows to answers. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from query_api.figures.buckets import Buckets
from query_api.figures.flows import Flow, added
from query_api.repository.flows import AccountBrief
from query_api.schemas.figures import ComparedOut, FlowOut, FlowPointOut, FlowSeriesOut, SubjectOut
from query_api.schemas.shaping import spec_of
from shared.envelope import State

ALL = SubjectOut(name="all tasks")
NO_SHOP = SubjectOut(name="no shop")


def series(of: SubjectOut, counted: Sequence[Flow], buckets: Buckets, known_until: datetime) -> FlowSeriesOut:
    """The bucket that is under way is told by so much of it as is known."""
    ends = [min(end, known_until) for end in buckets.edges[1:]]
    days = buckets.days or [None] * len(buckets)
    points = [
        FlowPointOut(
            **_figures(one, max(known - start, timedelta())),
            start=start,
            end=end,
            day=day,
            is_complete=known == end,
        )
        for one, (start, end), known, day in zip(counted, pairwise(buckets.edges), ends, days, strict=True)
    ]
    total = FlowOut(**_figures(added(counted), ends[-1] - buckets.edges[0]))
    return FlowSeriesOut(of=of, total=total, points=points)


def compared(
    of: SubjectOut, counted: Flow, length: timedelta, now: Mapping[State, int], *, is_active: bool
) -> ComparedOut:
    return ComparedOut(
        **_figures(counted, length),
        of=of,
        is_active=is_active,
        queued_now=now.get(State.QUEUED, 0),
        processing_now=now.get(State.PROCESSING, 0),
        retrying_now=now.get(State.RETRYING, 0),
    )


def _figures(counted: Flow, length: timedelta) -> dict[str, Any]:
    """What every answer tells of a flow. `length`: of the time in which it went through."""
    duration_p50_ms, duration_p95_ms = counted.durations_ms(0.5, 0.95)
    wait_p50_ms, wait_p95_ms = counted.waits_ms(0.5, 0.95)
    return {
        "queued": counted.of(State.QUEUED),
        "started": counted.of(State.PROCESSING),
        "retried": counted.of(State.RETRYING),
        "succeeded": counted.of(State.SUCCEEDED),
        "failed": counted.of(State.FAILED),
        "cancelled": counted.of(State.CANCELLED),
        "success_rate": counted.success_rate,
        "throughput": counted.per_minute(length),
        "duration_p50_ms": duration_p50_ms,
        "duration_p95_ms": duration_p95_ms,
        "wait_p50_ms": wait_p50_ms,
        "wait_p95_ms": wait_p95_ms,
        "items_processed": counted.items_processed,
        "items_failed": counted.items_failed,
    }


def of_type(name: str) -> SubjectOut:
    spec = spec_of(name)
    return SubjectOut(name=name, type=name, group=spec and spec.group)


def of_group(name: str) -> SubjectOut:
    return SubjectOut(name=name, group=name)


def of_shop(domain: str) -> SubjectOut:
    return SubjectOut(name=domain, shop=domain)


def gone_account(key: str) -> SubjectOut:
    """Of tasks without one, or with one that is not there any more."""
    return SubjectOut(name="no account") if key == "0" else SubjectOut(name="gone", account_id=key)


def of_account(account: AccountBrief) -> SubjectOut:
    return SubjectOut(
        name=account.name, shop=account.domain, account_id=str(account.id), account_kind=account.kind
    )
