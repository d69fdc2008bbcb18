"""Moves what is told of a shop's tasks, of a type's and of an account's, with the counters it is made of."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from query_api.recorder.flows import Subject
from shared.db.queries import load_queries, load_queries_with

STEPS = {
    "minute": load_queries(__file__, "flows"),
    "hour": load_queries_with(__file__, "flows", {"_by_minute": "_by_hour"}),
}


async def add_flows(connection: Any, columns: Mapping[str, Mapping[str, Any]]) -> None:
    """By minute and by hour, inside the caller's transaction, after the counters."""
    for step, flows in columns.items():
        await STEPS[step].add(connection, **flows)


async def tidy_flows(connection: Any, columns: Mapping[str, Mapping[str, Any]]) -> None:
    """After something was taken out."""
    for step, flows in columns.items():
        await STEPS[step].tidy(connection, **{name: flows[name] for name in Subject._fields})


async def differing_flows(connection: Any, start: datetime, end: datetime) -> dict[str, Any]:
    """By step how many rows of a time were looked at, and how many are wrong."""
    return {
        step: await queries.differing(connection, start=start, end=end) for step, queries in STEPS.items()
    }
