"""What the page of alerts shows: those open now, and all that match."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from query_api.alert_query import AlertQuery, AlertState
from query_api.console.alerts.filters import Filters
from query_api.console.frame import Frame
from query_api.places import Place, encode
from query_api.repository import alerts as store
from query_api.repository.alerts import AlertRow, OpenCounts
from query_api.repository.records import Shop
from query_api.routes.accounts import chosen_shops
from query_api.routes.alert_parameters import alert_query
from query_api.routes.alerts import page_of

OPEN_SHOWN = 50
STALE = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class AlertsView:
    """`open_alerts` are all the visitor may see, whatever the list is narrowed to; addresses are None where
    there is no such page."""

    filters: Filters
    shops: list[Shop]
    counts: OpenCounts
    open_alerts: Sequence[AlertRow]
    alerts: Sequence[AlertRow]
    previous: str | None
    next: str | None
    is_first_page: bool
    evaluated_at: datetime | None
    now: datetime

    @property
    def has_many_shops(self) -> bool:
        return len(self.shops) > 1

    @property
    def firing(self) -> list[AlertRow]:
        return [one for one in self.open_alerts if one.state is AlertState.FIRING]

    @property
    def pending(self) -> list[AlertRow]:
        return [one for one in self.open_alerts if one.state is AlertState.PENDING]

    @property
    def unshown(self) -> int:
        return self.counts.firing + self.counts.pending - len(self.open_alerts)

    @property
    def is_stale(self) -> bool:
        """Nobody has gone through the rules lately."""
        return self.evaluated_at is None or self.now - self.evaluated_at > STALE


async def alerts_view(connection: Any, frame: Frame, filters: Filters, *, now: datetime) -> AlertsView:
    seen = frame.reader.shop_ids
    query = alert_query(filters.asked, await chosen_shops(connection, filters.asked.shop, frame.reader))
    page = await page_of(connection, query, filters.asked)
    is_open = AlertQuery(states=(AlertState.FIRING, AlertState.PENDING), shop_ids=seen)
    return AlertsView(
        filters=filters,
        shops=await frame.shops(connection),
        counts=await store.open_counts(connection, seen),
        open_alerts=(await store.alert_page(connection, is_open, None, limit=OPEN_SHOWN)).alerts,
        alerts=page.alerts,
        previous=_address(filters, page.previous, query),
        next=_address(filters, page.next, query),
        is_first_page=filters.asked.cursor is None,
        evaluated_at=await store.evaluated_at(connection),
        now=now,
    )


def _address(filters: Filters, place: Place | None, query: AlertQuery) -> str | None:
    return None if place is None else filters.address(encode(place, query.fingerprint))
