"""Alerts, what became of them, and what people do about them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from query_api.alert_query import AlertQuery, AlertState
from query_api.places import Place, id_of, of_id
from shared.db.queries import load_queries
from shared.envelope import State
from shared.identity import created_at

HISTORY_SHOWN = 500
NOTIFICATIONS_SHOWN = 200
TESTS_SHOWN = 20
CLOCK_TOLERANCE = timedelta(minutes=10)

_queries = load_queries(__file__, "alerts")


@dataclass(frozen=True, slots=True)
class AlertRow:
    """`shop_id` None: the platform's own. Of its mute only one that holds now."""

    id: UUID
    shop_id: int | None
    domain: str | None
    rule: str
    subject: str
    state: AlertState
    severity: str
    title: str
    explanation: str
    facts: dict[str, Any] = field(repr=False)
    began_at: datetime
    fired_at: datetime | None
    clear_since: datetime | None
    resolved_at: datetime | None
    seen_at: datetime
    told: str | None
    told_at: datetime | None
    acknowledged_at: datetime | None
    acknowledged_by: str | None
    acknowledged_note: str | None
    muted_until: datetime | None
    muted_by: str | None
    muted_at: datetime | None
    mute_note: str | None


@dataclass(frozen=True, slots=True)
class OpenCounts:
    """`critical`, `warning` and `unacknowledged` are of those firing."""

    firing: int
    critical: int
    warning: int
    unacknowledged: int
    pending: int


@dataclass(frozen=True, slots=True)
class Event:
    event: str
    at: datetime
    actor: str
    detail: dict[str, Any]


@dataclass(frozen=True, slots=True)
class NotificationRow:
    """`task_state` None: the log knows nothing of its task yet, or not any more."""

    id: UUID
    kind: str
    channel: str
    recipient: str
    alerts: list[dict[str, Any]]
    created_at: datetime
    published_at: datetime | None
    sent_at: datetime | None
    note: str | None
    task_state: State | None
    attempt: int | None
    max_attempts: int | None


@dataclass(frozen=True, slots=True)
class AlertPage:
    """The newest first."""

    alerts: list[AlertRow]
    next: Place | None
    previous: Place | None


async def alert_page(connection: Any, query: AlertQuery, cursor: Place | None, *, limit: int) -> AlertPage:
    """Raises InvalidCursor."""
    is_forward = cursor is None or cursor.is_forward
    ids = await _pick(connection, query, cursor, wanted=limit + 1)
    shown = ids[:limit]
    onward = of_id(shown[-1], is_forward=is_forward) if len(ids) > limit else None
    back = None
    if cursor is not None:
        back = of_id(shown[0] if shown else id_of(cursor), is_forward=not is_forward)
    found = await alerts_by_id(connection, shown if is_forward else shown[::-1])
    return AlertPage(found, onward, back) if is_forward else AlertPage(found, back, onward)


async def alerts_by_id(connection: Any, ids: Sequence[UUID]) -> list[AlertRow]:
    """In the order of the ids; what is not there is left out."""
    found: dict[UUID, AlertRow] = {}
    async for record in _queries.alerts_by_id(connection, alert_ids=list(ids)):
        row = alert_row(record)
        found[row.id] = row
    return [found[alert_id] for alert_id in ids if alert_id in found]


def alert_row(record: Any) -> AlertRow:
    columns = {name: record[name] for name in AlertRow.__dataclass_fields__}
    return AlertRow(**{**columns, "state": AlertState(record["state"])})


async def open_counts(connection: Any, shop_ids: Sequence[int] | None) -> OpenCounts:
    """`shop_ids` None: of all shops and of the platform."""
    wanted = None if shop_ids is None else list(shop_ids)
    return OpenCounts(**dict(await _queries.open_counts(connection, shop_ids=wanted)))


async def evaluated_at(connection: Any) -> datetime | None:
    """When all rules were last gone through; None: never."""
    moment: datetime | None = await _queries.evaluated_at(connection)
    return moment


async def history_of(connection: Any, alert_id: UUID) -> list[Event]:
    """The last events, in the order they happened."""
    rows = _queries.history(connection, alert_id=alert_id, wanted=HISTORY_SHOWN)
    return [Event(**dict(row)) async for row in rows][::-1]


async def notifications_of(connection: Any, alert: AlertRow) -> list[NotificationRow]:
    """The last notifications that told of it, the newest first."""
    rows = _queries.notifications(
        connection,
        alert_id=alert.id,
        shop_id=alert.shop_id,
        since=created_at(alert.id) - CLOCK_TOLERANCE,
        wanted=NOTIFICATIONS_SHOWN,
    )
    return [NotificationRow(**dict(row)) async for row in rows]


async def tests_of(connection: Any, shop_id: int) -> list[NotificationRow]:
    """The last day's test messages, the newest first."""
    rows = _queries.tests(connection, shop_id=shop_id, wanted=TESTS_SHOWN)
    return [NotificationRow(**dict(row)) async for row in rows]


async def acknowledge(connection: Any, alert_id: UUID, actor: str, note: str | None) -> bool:
    """Inside the caller's transaction. False: nothing changed, for it is over or was acknowledged before."""
    if await _queries.acknowledge(connection, alert_id=alert_id, actor=actor, note=note) is None:
        return False
    await _add_event(connection, alert_id, "acknowledged", actor, {"note": note})
    return True


async def mute(connection: Any, alert_id: UUID, until: datetime, *, actor: str, note: str | None) -> None:
    """Inside the caller's transaction. A later mute takes the place of an earlier one."""
    await _queries.mute(connection, alert_id=alert_id, until=until, actor=actor, note=note)
    shown = until.astimezone(UTC).isoformat().replace("+00:00", "Z")
    await _add_event(connection, alert_id, "muted", actor, {"until": shown, "note": note})


async def unmute(connection: Any, alert_id: UUID, actor: str) -> bool:
    """Inside the caller's transaction. False: it was not muted."""
    if await _queries.unmute(connection, alert_id=alert_id) is None:
        return False
    await _add_event(connection, alert_id, "unmuted", actor, {})
    return True


async def _add_event(connection: Any, alert_id: UUID, event: str, actor: str, detail: dict[str, Any]) -> None:
    known = {name: value for name, value in detail.items() if value is not None}
    await _queries.insert_event(connection, alert_id=alert_id, event=event, actor=actor, detail=known)


async def _pick(connection: Any, query: AlertQuery, cursor: Place | None, *, wanted: int) -> list[UUID]:
    newest = cursor is None or cursor.is_forward
    within = query.id_range
    if cursor is not None:
        within = within.below(id_of(cursor)) if newest else within.above(id_of(cursor))
    find, terms = _search(query, newest=newest)
    records = find(
        connection,
        states=list(query.states or AlertState),
        rules=list(query.rules),
        severities=list(query.severities),
        low=within.low,
        high=within.high,
        wanted=wanted,
        **terms,
    )
    return [record["id"] async for record in records]


def _search(query: AlertQuery, *, newest: bool) -> tuple[Callable[..., Any], dict[str, Any]]:
    if query.shop_ids is None:
        return _queries.newest_ids_by_state if newest else _queries.oldest_ids_by_state, {}
    find = _queries.newest_ids_by_shop if newest else _queries.oldest_ids_by_shop
    return find, {"shop_ids": list(query.shop_ids)}
