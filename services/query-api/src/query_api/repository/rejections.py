"""Deliveries that were refused at the door."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.db.queries import load_queries

MOST_ROWS = 10_000
MOST_KINDS = 200

_queries = load_queries(__file__, "rejections")


@dataclass(frozen=True, slots=True)
class RejectionKind:
    """Equal refusals; `n` says how many."""

    source: str
    shop_domain: str | None
    topic: str | None
    reason: str
    n: int
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Rejection:
    """Equal refusals of one minute."""

    id: int
    kind: RejectionKind


@dataclass(frozen=True, slots=True)
class Kinds:
    """`is_cut`: there were more, before these."""

    kinds: list[RejectionKind]
    is_cut: bool


async def newest_rejections(connection: Any, domains: Sequence[str] | None, *, limit: int) -> list[Rejection]:
    """`domains` None: everybody's, also those that name a shop nobody knows."""
    if domains is None:
        records = _queries.newest_rejections_of_all(connection, wanted=limit)
    else:
        records = _queries.newest_rejections(connection, domains=list(domains), wanted=limit)
    return [Rejection(record["id"], _kind(record)) async for record in records]


async def kinds_of_rejections(connection: Any, domains: Sequence[str] | None, *, since: datetime) -> Kinds:
    """The latest first."""
    bounds = {"since": since, "most": MOST_ROWS, "most_kinds": MOST_KINDS}
    if domains is None:
        records = _queries.kinds_of_all(connection, **bounds)
    else:
        records = _queries.kinds_of_rejections(connection, domains=list(domains), **bounds)
    found = [record async for record in records]
    n_rows = found[0]["n_rows"] if found else 0
    is_cut = n_rows >= MOST_ROWS or len(found) == MOST_KINDS
    return Kinds([_kind(record) for record in found], is_cut)


def _kind(record: Any) -> RejectionKind:
    return RejectionKind(**{name: record[name] for name in RejectionKind.__slots__})
