"""Kinds of failure, out of what the recorder counts; tasks are never counted here."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from query_api.failures.groups import Failure, ShopFailures, Trend, merged, trend_of
from query_api.failures.paging import FailureQuery
from shared.db.queries import load_queries

# Of more kinds the latest are looked at.
MOST_KINDS = 5_000
# In lists the accounts touched are those of the time before the last failure.
ACCOUNTS_WITHIN = timedelta(days=7)
_EVER = datetime.fromisoformat("2000-01-01T00:00:00Z")
_HOUR = timedelta(hours=1)
_queries = load_queries(__file__, "failures")


@dataclass(frozen=True, slots=True)
class Found:
    """`since`: kinds that last failed before it were not looked at."""

    failures: list[Failure]
    since: datetime


@dataclass(frozen=True, slots=True)
class Hours:
    """Failures of one kind: by hour, and by account's id (0: none)."""

    buckets: list[tuple[datetime, int]] = field(default_factory=list)
    accounts: dict[int, int] = field(default_factory=dict)

    def trend(self, now: datetime, hours: int) -> Trend:
        return trend_of(self.buckets, now, hours)


@dataclass(frozen=True, slots=True)
class Held:
    """A kind of failure in one shop, held for a change."""

    shop_id: int
    type: str
    resolved_at: datetime | None
    back_at: datetime | None

    @property
    def is_resolved(self) -> bool:
        return self.resolved_at is not None and self.back_at is None


async def find_failures(connection: Any, query: FailureQuery) -> Found:
    """In whatever state they are."""
    records = _queries.kinds(
        connection,
        shop_ids=query.shop_ids,
        since=query.since,
        types=query.types or None,
        error_kind=query.error_kind,
        account_ids=query.account_ids or None,
        at_most=MOST_KINDS,
    )
    kinds = [record async for record in records]
    since = kinds[-1]["last_at"] if len(kinds) == MOST_KINDS else query.since
    fingerprints = [kind["fingerprint"] for kind in kinds]
    return Found(await failures_of(connection, query.shop_ids, fingerprints), since)


async def failures_of(connection: Any, shop_ids: Sequence[int], fingerprints: Sequence[str]) -> list[Failure]:
    """What some shops had of them; kinds they had nothing of are left out."""
    records = _queries.groups(connection, shop_ids=shop_ids, fingerprints=fingerprints)
    return merged([ShopFailures(**dict(record)) async for record in records])


async def hours_lately(connection: Any, failures: Sequence[Failure], now: datetime) -> dict[str, Hours]:
    """Of two days, and of the time up to each one's last failure."""
    two_days_ago = now - 48 * _HOUR
    return await _hours(
        connection,
        [
            (one, min(two_days_ago, one.last_at - ACCOUNTS_WITHIN))
            for failure in failures
            for one in failure.shops
        ],
    )


async def hours_ever(connection: Any, failure: Failure) -> Hours:
    found = await _hours(connection, [(one, _EVER) for one in failure.shops])
    return found.get(failure.fingerprint, Hours())


async def hold(connection: Any, shop_ids: Sequence[int], fingerprint: str) -> list[Held]:
    """Inside the transaction of the change."""
    records = _queries.hold(connection, shop_ids=shop_ids, fingerprint=fingerprint)
    return [Held(**dict(record)) async for record in records]


async def resolve(
    connection: Any, shop_ids: Sequence[int], fingerprint: str, *, at: datetime, by: str
) -> None:
    await _queries.resolve(
        connection, shop_ids=shop_ids, fingerprint=fingerprint, resolved_at=at, resolved_by=by
    )


async def reopen(connection: Any, shop_ids: Sequence[int], fingerprint: str) -> None:
    await _queries.reopen(connection, shop_ids=shop_ids, fingerprint=fingerprint)


async def _hours(connection: Any, wanted: Sequence[tuple[ShopFailures, datetime]]) -> dict[str, Hours]:
    found: dict[str, Hours] = defaultdict(Hours)
    records = _queries.hours(
        connection,
        shop_ids=[one.shop_id for one, _ in wanted],
        fingerprints=[one.fingerprint for one, _ in wanted],
        since=[since - _HOUR for _, since in wanted],
    )
    async for record in records:
        own = found[record["fingerprint"]]
        own.buckets.append((record["bucket"], record["n"]))
        account_id = record["account_id"]
        own.accounts[account_id] = own.accounts.get(account_id, 0) + record["n"]
    return found
