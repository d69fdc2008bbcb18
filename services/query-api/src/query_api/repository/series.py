"""Statistics step by step, each shop's days by its own clock."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from query_api.figures.buckets import Buckets, buckets_of, counters_for, cut, together
from query_api.figures.flows import NOTHING, Flows, added
from query_api.figures.spans import Span, Step
from query_api.repository.flows import Scope, ToldBy, flows
from query_api.repository.records import Shop


@dataclass(frozen=True, slots=True)
class Wanted:
    """`zone` None: each shop's own. `minutes_since`: from when on counts by minute are kept. `until`: as
    it was then, as exactly as counters tell it."""

    scope: Scope
    span: Span
    step: Step
    zone: ZoneInfo | None
    told_by: ToldBy
    minutes_since: datetime
    until: datetime | None = None


async def series(connection: Any, shops: Sequence[Shop], wanted: Wanted) -> tuple[Buckets, Flows]:
    """By key a flow for each bucket."""
    parts = [
        await _in_zone(connection, shop_ids, zone, wanted)
        for zone, shop_ids in _by_zone(shops, wanted).items()
    ]
    if len(parts) == 1:
        return parts[0]
    buckets = together([own for own, _ in parts])
    return buckets, _merged(buckets, parts)


async def _in_zone(
    connection: Any, shop_ids: tuple[int, ...], zone: ZoneInfo, wanted: Wanted
) -> tuple[Buckets, Flows]:
    buckets = buckets_of(wanted.span, wanted.step, zone)
    if wanted.until is not None:
        buckets = cut(buckets, wanted.until)
    counters = counters_for(buckets, wanted.step, minutes_since=wanted.minutes_since)
    scope = replace(wanted.scope, shop_ids=shop_ids)
    return buckets, await flows(connection, scope, buckets, counters, wanted.told_by)


def _by_zone(shops: Sequence[Shop], wanted: Wanted) -> dict[ZoneInfo, tuple[int, ...]]:
    """Only days begin at different times in different zones."""
    if wanted.step != "day" or wanted.zone is not None or not shops:
        return {wanted.zone or ZoneInfo("UTC"): wanted.scope.shop_ids}
    zones: dict[str, list[int]] = defaultdict(list)
    for shop in shops:
        zones[shop.timezone].append(shop.id)
    return {ZoneInfo(name): tuple(shop_ids) for name, shop_ids in zones.items()}


def _merged(buckets: Buckets, parts: Sequence[tuple[Buckets, Flows]]) -> Flows:
    """Days of different zones added by date."""
    places = {day: place for place, day in enumerate(buckets.days)}
    merged: Flows = {}
    for own, found in parts:
        for key, counted in found.items():
            target = merged.setdefault(key, [NOTHING] * len(buckets))
            for day, one in zip(own.days, counted, strict=True):
                target[places[day]] = added([target[places[day]], one])
    return merged
