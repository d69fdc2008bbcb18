"""`/stats/series`: what went through, step by step."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, assert_never
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Response

from query_api.backend import ApiReader, Backend, BackendOf
from query_api.figures.buckets import first_kept
from query_api.figures.flows import NOTHING, Flows, regrouped
from query_api.problems import documented, invalid
from query_api.repository.connections import snapshot
from query_api.repository.flows import ToldBy, accounts
from query_api.repository.series import Wanted, series
from query_api.routes.figure_parameters import (
    By,
    Choice,
    SeriesParameters,
    choice_of,
    common_zone,
    steps_of,
)
from query_api.routes.freshness import answered_as_of
from query_api.routes.parameters import past, zone_of
from query_api.schemas import figure_shaping as shaping
from query_api.schemas.figures import SeriesAnswer, SubjectOut
from query_api.windows import told_until
from shared.envelope import utc_now
from shared.tasks import CATALOGUE

router = APIRouter(prefix="/stats", tags=["statistics"])

MOST_POINTS = 10_000
_GROUPS = {str(spec.type): str(spec.group) for spec in CATALOGUE.values()}


@router.get("/series", summary="Statistics step by step", responses=documented(400, 401, 503))
async def get_series(
    parameters: Annotated[SeriesParameters, Query()],
    reader: ApiReader,
    backend: BackendOf,
    response: Response,
) -> SeriesAnswer:
    """What came in, succeeded and failed in each minute, hour or day: success rate, throughput, and how long
    attempts took and had waited. Without a gap; where nothing happened there are zeros. With `as_of` it ends
    with that moment, to the minute, and to the hour where counts by minute are not kept any more."""
    asked = past(parameters.as_of, utc_now())
    async with snapshot(backend.pool) as connection:
        choice = await choice_of(connection, parameters, reader)
        as_of = await answered_as_of(connection, response, asked)
        known_until = as_of or asked or utc_now()
        wanted = _wanted(parameters, choice, backend, known_until)
        buckets, found = await series(connection, choice.everyone, wanted)
        found = regrouped(found, _GROUPS) if parameters.by == "group" else found
        found |= {key: [NOTHING] * len(buckets) for key in _always(parameters, choice) - found.keys()}
        shown = _busiest(found, max(MOST_POINTS // len(buckets), 1))
        subjects = await _subjects(connection, parameters.by, choice, shown)
    return SeriesAnswer(
        as_of=as_of,
        step=wanted.step,
        timezone=wanted.zone.key if wanted.zone else "shop",
        start=buckets.edges[0],
        end=buckets.edges[-1],
        series=[shaping.series(subjects[key], found[key], buckets, known_until) for key in shown],
        left_out=len(found) - len(shown),
    )


def _wanted(parameters: SeriesParameters, choice: Choice, backend: Backend, known_until: datetime) -> Wanted:
    minutes_since = first_kept(utc_now(), backend.minute_days)
    until = parameters.as_of and told_until(parameters.as_of, minutes_since=minutes_since)
    span, step = steps_of(parameters, min(known_until, until or known_until))
    if step == "minute" and span.start < minutes_since:
        raise invalid("step", f"Minutes are told of the last {backend.minute_days} days; ask by hour.")
    told_by: ToldBy = "type" if parameters.by == "group" else parameters.by or "all"
    return Wanted(choice.scope, span, step, _zone(parameters, choice), told_by, minutes_since, until)


def _zone(parameters: SeriesParameters, choice: Choice) -> ZoneInfo | None:
    """None: the shops have several, and each its own."""
    if parameters.timezone is not None:
        return zone_of(parameters.timezone)
    zone = common_zone(choice.shops) if choice.shops else "UTC"
    return None if zone == "shop" else ZoneInfo(zone)


def _always(parameters: SeriesParameters, choice: Choice) -> set[str]:
    """What is told of even when nothing happened: what was asked for, else what there are few of."""
    match parameters.by:
        case None:
            return {""}
        case "type":
            return set(choice.scope.types or ())
        case "group":
            return {_GROUPS[one] for one in choice.scope.types or _GROUPS}
        case "account":
            return {str(one) for one in choice.scope.account_ids or ()}
        case "shop":
            return {str(shop.id) for shop in choice.shops}
        case _:
            assert_never(parameters.by)


def _busiest(found: Flows, most: int) -> list[str]:
    """As many as are told at once, those of which most happened first."""
    sizes = {key: sum(one.size for one in counted) for key, counted in found.items()}
    return sorted(found, key=lambda key: (-sizes[key], key))[:most]


async def _subjects(
    connection: Any, by: By | None, choice: Choice, keys: Sequence[str]
) -> Mapping[str, SubjectOut]:
    match by:
        case None:
            return {"": shaping.ALL}
        case "type":
            return {key: shaping.of_type(key) for key in keys}
        case "group":
            return {key: shaping.of_group(key) for key in keys}
        case "shop":
            shops = {str(shop.id): shaping.of_shop(shop.domain) for shop in choice.shops}
            return {"0": shaping.NO_SHOP} | shops
        case "account":
            found = await accounts(connection, choice.scope.shop_ids, ids=[int(key) for key in keys])
            known = {str(one.id): shaping.of_account(one) for one in found}
            return {key: known.get(key, shaping.gone_account(key)) for key in keys}
        case _:
            assert_never(by)
