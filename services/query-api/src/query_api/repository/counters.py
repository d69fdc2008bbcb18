"""Statistics out of the counters the recorder keeps; tasks are never counted here."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from query_api.repository.records import Shop
from query_api.statistics import Counts, Tally
from query_api.windows import start_of_day, window_since
from shared.db.queries import load_queries
from shared.envelope import State

_DAY = timedelta(hours=24)
_COMING = (State.QUEUED, State.SUCCEEDED, State.FAILED)
# Tasks for shops nobody knows, such as requests of the law about shops that are gone.
_NOBODYS = Shop(id=0, domain="", name="", timezone="UTC", is_active=False)
_queries = load_queries(__file__, "counters")


def counted(shops: Sequence[Shop], *, is_everything: bool) -> Sequence[Shop]:
    """Whose tasks are counted; where all are shown, those of nobody's shops as well."""
    return [*shops, _NOBODYS] if is_everything else shops


async def tally(
    connection: Any, shops: Sequence[Shop], *, now: datetime, zone: ZoneInfo | None = None
) -> Tally:
    """`zone` tells when the day began; without it each shop's own time zone does."""
    day_starts = {shop.id: start_of_day(now, zone or ZoneInfo(shop.timezone)) for shop in shops}
    yesterday = {shop.id: now - _DAY for shop in shops}
    return Tally(
        now=await _counts(_queries.in_states(connection, shop_ids=list(day_starts), states=list(State))),
        today=await _came_in(connection, day_starts, "type"),
        last_24h=await _came_in(connection, yesterday, "type"),
    )


async def failed_last_day(connection: Any, shop_ids: Sequence[int], *, now: datetime) -> int:
    counts = await _came_in(connection, dict.fromkeys(shop_ids, now - _DAY), "all")
    return counts.get(("", State.FAILED), 0)


async def _came_in(connection: Any, starts: Mapping[int, datetime], facet: Literal["all", "type"]) -> Counts:
    windows = [window_since(start) for start in starts.values()]
    records = _queries.came_in(
        connection,
        shop_ids=list(starts),
        facet=facet,
        starts=[window.start for window in windows],
        hours_from=[window.hours_from for window in windows],
    )
    return {(record["type"], state): record[state] async for record in records for state in _COMING}


async def _counts(records: Any) -> Counts:
    return {(record["type"], State(record["state"])): record["n"] async for record in records}
