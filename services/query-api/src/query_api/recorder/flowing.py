"""Moves what is told of a shop's tasks, of a type's and of an account's, with the counters it is made of."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from query_api.recorder.flows import Flow, Subject, by_hour, flow_columns, flows_of, subject_columns
from query_api.recorder.fold import Bucket, Tally
from shared.db.queries import load_queries, load_queries_with

STEPS = {
    "minute": load_queries(__file__, "flows"),
    "hour": load_queries_with(__file__, "flows", {"_by_minute": "_by_hour"}),
}


async def add_flows(connection: Any, minutes: Sequence[tuple[Bucket, Tally]]) -> None:
    """By minute and by hour, inside the caller's transaction, after the counters."""
    for step, flows in _by_step(minutes):
        await STEPS[step].add(connection, **flow_columns(flows))


async def tidy_flows(connection: Any, minutes: Sequence[tuple[Bucket, Tally]]) -> None:
    """After something was taken out."""
    for step, flows in _by_step(minutes):
        await STEPS[step].tidy(connection, **subject_columns(subject for subject, _ in flows))


def _by_step(counted: Sequence[tuple[Bucket, Tally]]) -> Iterator[tuple[str, list[tuple[Subject, Flow]]]]:
    minutes = flows_of(counted)
    yield "minute", minutes
    yield "hour", by_hour(minutes)


async def differing_flows(connection: Any, start: datetime, end: datetime) -> dict[str, Any]:
    """By step how many rows of a time were looked at, and how many are wrong."""
    return {
        step: await queries.differing(connection, start=start, end=end) for step, queries in STEPS.items()
    }
