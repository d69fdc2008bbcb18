"""Reads the gauges again and again, and shows them without an await: what is scraped belongs together."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from prometheus_client import Gauge

from query_api.gauges import metrics
from query_api.repository import gauges
from query_api.repository.connections import schema_revision
from shared.db.revisions import newest_revision
from shared.envelope import utc_now
from shared.tasks import CATALOGUE, Group, Lane

log = structlog.get_logger()

EVERY_S = 30
RECENT = timedelta(minutes=15)
REMEMBERED = timedelta(days=2)
# Minutes are counted when they are recorded, so a few of them are looked at again.
LOOKED_AT_AGAIN = timedelta(minutes=10)
OPEN_STATES = ("queued", "processing", "retrying")
ENDS = ("succeeded", "failed")


@dataclass(frozen=True, slots=True)
class _Shops:
    """`names`: of those with gauges of their own, `in_all` how many there are."""

    names: dict[int, str]
    in_all: int
    under_way: gauges.Counted
    ended: gauges.Counted
    firing: dict[int, int]


class Gauges:
    """`most`: how many shops have gauges of their own; 0: none."""

    def __init__(self, pool: Any, *, most: int) -> None:
        self._pool = pool
        self._most = most
        self._succeeded: gauges.Latest = {}
        self._since: datetime | None = None

    async def run(self) -> None:
        """Until cancelled. While the database is away or not migrated yet, the gauges stay as they were."""
        while True:
            try:
                await self.read(utc_now())
            except gauges.UNREADABLE as error:
                log.warning("gauges_unreadable", reason=repr(error)[:200])
            await asyncio.sleep(EVERY_S)

    async def read(self, now: datetime) -> None:
        async with self._pool.acquire() as connection:
            await _read_schema(connection)
            await self._learn(connection, now)
            oldest = await gauges.oldest_waiting(connection, now=now)
            facts, connections = await gauges.database(connection)
            shops = await _read_shops(connection, now, most=self._most) if self._most else None
        _show_lanes(oldest, now)
        _show_database(facts, connections)
        self._show_groups()
        if shops:
            self._show_shops(shops)
        metrics.LOOKED_AT.set(now.timestamp())

    async def _learn(self, connection: Any, now: datetime) -> None:
        if self._since is None:
            longest_ago = dict.fromkeys(await gauges.ever_succeeded(connection), now - REMEMBERED)
            recent = await gauges.succeeded(connection, since=now - REMEMBERED, by_hour=True)
            self._succeeded = longest_ago | recent
        since = (self._since or now - timedelta(hours=1)) - LOOKED_AT_AGAIN
        self._succeeded |= await gauges.succeeded(connection, since=since, by_hour=False)
        self._since = now

    def _show_groups(self) -> None:
        for group in Group:
            at = [moment for (_, type_), moment in self._succeeded.items() if _GROUPS.get(type_) is group]
            if at:
                metrics.GROUP_SUCCEEDED_AT.labels(group.value).set(max(at).timestamp())

    def _show_shops(self, shops: _Shops) -> None:
        _show(metrics.SHOP_OPEN, shops.names, shops.under_way, OPEN_STATES)
        _show(metrics.SHOP_ENDED, shops.names, shops.ended, ENDS)
        metrics.SHOP_ALERTS.clear()
        metrics.SHOP_SUCCEEDED_AT.clear()
        for shop_id, name in shops.names.items():
            metrics.SHOP_ALERTS.labels(name).set(shops.firing.get(shop_id, 0))
        for (shop_id, _), at in sorted(self._succeeded.items(), key=lambda one: one[1]):
            if shop_id in shops.names:
                metrics.SHOP_SUCCEEDED_AT.labels(shops.names[shop_id]).set(at.timestamp())
        metrics.SHOPS_SHOWN.set(len(shops.names))
        metrics.SHOPS_LEFT_OUT.set(shops.in_all - len(shops.names))


async def _read_shops(connection: Any, now: datetime, *, most: int) -> _Shops:
    names, in_all = await gauges.gauged_shops(connection, most=most)
    ids = list(names)
    return _Shops(
        names,
        in_all,
        under_way=await gauges.open_by_shop(connection, ids),
        ended=await gauges.ended_by_shop(connection, ids, since=now - RECENT),
        firing=await gauges.firing_by_shop(connection, ids),
    )


def _show(gauge: Gauge, shops: dict[int, str], counted: gauges.Counted, states: tuple[str, ...]) -> None:
    """Shops that are gone are not shown any more; a state nothing is in is 0."""
    gauge.clear()
    for shop_id, name in shops.items():
        for state in states:
            gauge.labels(name, state).set(counted.get((shop_id, state), 0))


async def _read_schema(connection: Any) -> None:
    """Shown by itself: when revisions are missing, the rest may not be readable."""
    missing = int(newest_revision()) - int(await schema_revision(connection))
    metrics.REVISIONS_MISSING.set(max(0, missing))


def _show_lanes(oldest: Mapping[str, datetime], now: datetime) -> None:
    for lane in Lane:
        since = [moment for type_, moment in oldest.items() if _LANES.get(type_) is lane]
        metrics.OLDEST_WAITING.labels(lane.value).set((now - min(since, default=now)).total_seconds())


def _show_database(facts: Mapping[str, float], connections: Mapping[str, int]) -> None:
    metrics.DATABASE_BYTES.set(facts["bytes"])
    metrics.DATABASE_CONNECTIONS_MOST.set(facts["most"])
    metrics.OLDEST_TRANSACTION.set(facts["oldest_s"])
    metrics.DATABASE_CONNECTIONS.clear()
    for state, n in connections.items():
        metrics.DATABASE_CONNECTIONS.labels(state).set(n)


_GROUPS = {spec.type.value: spec.group for spec in CATALOGUE.values()}
_LANES = {spec.type.value: spec.lane for spec in CATALOGUE.values()}
