"""Rows as one array for each column, by the names the queries use. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from query_api.recorder.flows import by_step, flow_columns
from query_api.recorder.fold import Bucket, Counters, Kind, Tally

Columns = Mapping[str, Any]


class CounterColumns(NamedTuple):
    """What moves the counters, and by step the flows that are made of them. Empty: nothing does."""

    kinds: Columns
    minutes: Columns
    hours: Columns
    flows: Mapping[str, Columns]


def counter_columns(counters: Counters) -> CounterColumns:
    now, minutes = counters.now(), counters.by_minute()
    kinds, n = zip(*now, strict=True) if now else ((), ())
    return CounterColumns(
        kind_columns(kinds) | {"n": n} if now else {},
        bucket_columns(minutes) if minutes else {},
        bucket_columns(counters.by_hour()) if minutes else {},
        {step: flow_columns(flows) for step, flows in by_step(minutes)} if minutes else {},
    )


def kind_columns(kinds: Iterable[Kind]) -> dict[str, tuple[Any, ...]]:
    shop_ids, types, account_ids, states = columns_of(kinds)
    return {"shop_ids": shop_ids, "types": types, "account_ids": account_ids, "states": states}


def bucket_columns(counted: Sequence[tuple[Bucket, Tally]]) -> dict[str, tuple[Any, ...]]:
    buckets, tallies = zip(*counted, strict=True)
    moments, kinds = zip(*buckets, strict=True)
    columns = dict(zip(Tally._fields, columns_of(tallies), strict=True))
    columns["spread"] = tuple(map(str, columns["spread"]))
    return {"buckets": moments} | kind_columns(kinds) | columns


def columns_of(rows: Iterable[tuple[Any, ...]]) -> tuple[tuple[Any, ...], ...]:
    return tuple(zip(*rows, strict=True))
