"""Statistics out of the counters the recorder keeps; tasks are never counted here."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from query_api.repository.records import Shop
from query_api.statistics import Counts, Tally, before
from query_api.windows import Window, start_of_day, told_from, told_until, window_between, window_since
from shared.db.queries import load_queries
from shared.envelope import State

_DAY = timedelta(hours=24)
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
    day_starts = _day_starts(shops, now, zone)
    return Tally(
        now=await _in_states(connection, list(day_starts)),
        today=await _came_in(
            connection, {shop_id: window_since(start) for shop_id, start in day_starts.items()}, "type"
        ),
        last_24h=await _came_in(connection, dict.fromkeys(day_starts, window_since(now - _DAY)), "type"),
    )


async def tally_at(
    connection: Any,
    shops: Sequence[Shop],
    moment: datetime,
    *,
    minutes_since: datetime,
    zone: ZoneInfo | None = None,
) -> Tally:
    """As it was, to the minute; before `minutes_since`, from when on these are kept, to the hour."""
    until = told_until(moment, minutes_since=minutes_since)

    def window_from(start: datetime) -> Window:
        return window_between(told_from(start, minutes_since=minutes_since), until)

    day_starts = _day_starts(shops, until, zone)
    since = await _came_in(connection, dict.fromkeys(day_starts, window_since(until)), "type")
    return Tally(
        now=before(await _in_states(connection, list(day_starts)), since),
        today=await _came_in(
            connection, {shop_id: window_from(start) for shop_id, start in day_starts.items()}, "type"
        ),
        last_24h=await _came_in(connection, dict.fromkeys(day_starts, window_from(until - _DAY)), "type"),
        is_past=True,
    )


async def failed_last_day(connection: Any, shop_ids: Sequence[int], *, now: datetime) -> int:
    counts = await _came_in(connection, dict.fromkeys(shop_ids, window_since(now - _DAY)), "all")
    return counts.get(("", State.FAILED), 0)


def _day_starts(shops: Sequence[Shop], moment: datetime, zone: ZoneInfo | None) -> dict[int, datetime]:
    return {shop.id: start_of_day(moment, zone or ZoneInfo(shop.timezone)) for shop in shops}


async def _came_in(
    connection: Any, windows: Mapping[int, Window], facet: Literal["all", "type"]
) -> dict[tuple[str, State], int]:
    spans = list(windows.values())
    records = _queries.came_in(
        connection,
        shop_ids=list(windows),
        facet=facet,
        starts=[span.start for span in spans],
        hours_from=[span.hours_from for span in spans],
        hours_to=[span.hours_to for span in spans],
        ends=[span.end for span in spans],
    )
    return {(record["type"], state): record[state] async for record in records for state in State}


async def _in_states(connection: Any, shop_ids: Sequence[int]) -> Counts:
    records = _queries.in_states(connection, shop_ids=shop_ids, states=list(State))
    return {(record["type"], State(record["state"])): record["n"] async for record in records}
