"""Reads the facts of all shops, or of some, with a handful of queries."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog
from pydantic import ValidationError

from shared.alerts.account_reading import read_accounts
from shared.alerts.error_rate import window_start
from shared.alerts.facts import (
    GROUP_LIFE,
    Ended,
    FailureGroup,
    PlatformFacts,
    QueueFacts,
    ShopFacts,
    TokenFacts,
    Waiting,
    WaitingTask,
)
from shared.alerts.settings import AlertSettings
from shared.alerts.silence import SilenceFacts, proof_of
from shared.db.queries import load_queries
from shared.identity import first_id_at
from shared.tasks import CATALOGUE, Group, Lane
from shared.topology import DEAD_LETTERS, RECORDER, consumed_queues

log = structlog.get_logger()

# Work that waits for longer has been given up, or never was in the log.
OLDEST_WAITING = timedelta(days=30)
# A worker renews its lease every few seconds.
LIFELESS_AFTER = timedelta(minutes=5)
CONSUMED = (*(queue for lane in Lane for queue in consumed_queues(lane)), RECORDER)
EXPIRY_NOTICE = timedelta(days=7)
EXPIRED_LATELY = timedelta(days=1)
_GROUP_OF = {kind.value: spec.group for kind, spec in CATALOGUE.items()}
OWN_TYPES = [kind for kind, group in _GROUP_OF.items() if group is Group.ALERTING]

_queries = load_queries(__file__, "facts")


async def read_settings(connection: Any, shop_ids: Sequence[int] | None = None) -> dict[int, AlertSettings]:
    """The settings of shops in use, by shop; the defaults where a shop has none. `shop_ids` None: all."""
    ids = None if shop_ids is None else list(shop_ids)
    rows = _queries.settings(connection, shop_ids=ids)
    return {row["id"]: settings_of(row["id"], row["settings"]) async for row in rows}


async def read_shops(
    connection: Any, settings: Mapping[int, AlertSettings], now: datetime
) -> dict[int, ShopFacts]:
    """The facts of these shops as their settings want them: how far back they reach depends on them."""
    state = await _queries.log_state(connection)
    known = min(now, state["as_of"] or now)
    place = {"shop_ids": list(settings)}
    ended = await _read_ended(connection, settings, known)
    accounts = await read_accounts(connection, settings, now, known)
    tokens = await _read_tokens(connection, list(settings), now)
    groups = await _read_groups(connection, settings, known)
    together = {row["shop_id"]: row["began_at"] async for row in _queries.group_alerts(connection, **place)}
    late = await _read_late(connection, settings, now, known)
    stuck = await _read_stuck(connection, list(settings), now, known)
    return {
        row["id"]: ShopFacts(
            shop_id=row["id"],
            domain=row["domain"],
            name=row["name"],
            zone=row["timezone"],
            known_until=known,
            silence=_silence(row),
            ended=ended[row["id"]],
            accounts=accounts[row["id"]],
            tokens=tokens[row["id"]],
            failure_groups=groups[row["id"]],
            groups_alert_since=together.get(row["id"]),
            queued=late[row["id"]],
            stuck=stuck[row["id"]],
        )
        async for row in _queries.shops(connection, **place)
    }


async def read_platform(connection: Any, now: datetime) -> PlatformFacts:
    """What concerns no shop in particular."""
    state = await _queries.log_state(connection)
    queues = [QueueFacts(**row) async for row in _queries.queues(connection)]
    by_name = {queue.queue: queue for queue in queues}
    return PlatformFacts(
        as_of=state["as_of"],
        backlog=state["backlog"] or 0,
        recorder_seen_at=state["seen_at"],
        queues=tuple(by_name[name] for name in CONSUMED if name in by_name),
        dead_letters=by_name.get(DEAD_LETTERS),
        broker_seen_at=max((queue.measured_at for queue in queues), default=None),
        spooled_since=await _queries.spooled_since(connection),
        tokens=(await _read_tokens(connection, [], now))[None],
    )


def settings_of(shop_id: int, stored: Any) -> AlertSettings:
    """What is stored of a shop; None, or unusable ones of another version: the defaults."""
    try:
        return AlertSettings.model_validate(stored or {})
    except ValidationError as error:
        fields = sorted({str(fault["loc"][0]) for fault in error.errors() if fault["loc"]})
        log.warning("alert_settings_unusable", shop_id=shop_id, fields=fields)
        return AlertSettings()


def _silence(row: Any) -> SilenceFacts | None:
    if row["watched_since"] is None:
        return None
    return SilenceFacts(
        zone=row["timezone"],
        watched_since=row["watched_since"],
        last_synced_at=row["synced_at"],
        proof=None if row["asked_at"] is None else proof_of(row),
    )


async def _read_ended(
    connection: Any, settings: Mapping[int, AlertSettings], known: datetime
) -> dict[int, dict[Group, Ended]]:
    since = [window_start(own, known) for own in settings.values()]
    found: dict[int, dict[Group, Ended]] = defaultdict(dict)
    async for row in _queries.ended(connection, shop_ids=list(settings), since=since, until=known):
        group = _GROUP_OF.get(row["type"])
        if group is None or group is Group.ALERTING:
            continue
        before = found[row["shop_id"]].get(group, Ended())
        found[row["shop_id"]][group] = Ended(
            before.succeeded + (row["succeeded"] or 0), before.failed + (row["failed"] or 0)
        )
    return found


async def _read_tokens(
    connection: Any, shop_ids: list[int], now: datetime
) -> dict[int | None, tuple[TokenFacts, ...]]:
    """By shop; None: of those that are for all shops."""
    span = {"since": now - EXPIRED_LATELY, "until": now + EXPIRY_NOTICE}
    found: dict[int | None, tuple[TokenFacts, ...]] = defaultdict(tuple)
    async for row in _queries.tokens(connection, shop_ids=shop_ids, **span):
        facts = dict(row)
        found[facts.pop("shop_id")] += (TokenFacts(**facts),)
    return found


async def _read_groups(
    connection: Any, settings: Mapping[int, AlertSettings], known: datetime
) -> dict[int, tuple[FailureGroup, ...]]:
    counted_since = [window_start(own, known) for own in settings.values()]
    found: dict[int, tuple[FailureGroup, ...]] = defaultdict(tuple)
    rows = _queries.failure_groups(
        connection,
        shop_ids=list(settings),
        since=[min(moment, known - GROUP_LIFE) for moment in counted_since],
        counted_since=counted_since,
        left_out=OWN_TYPES,
    )
    async for row in rows:
        facts = dict(row)
        found[facts.pop("shop_id")] += (FailureGroup(**facts),)
    return found


async def _read_late(
    connection: Any, settings: Mapping[int, AlertSettings], now: datetime, known: datetime
) -> dict[int, Waiting]:
    ready_before = [known - timedelta(minutes=own.queued_minutes) for own in settings.values()]
    rows = _queries.late(
        connection,
        shop_ids=list(settings),
        ready_before=ready_before,
        oldest_id=first_id_at(now - OLDEST_WAITING),
        now=now,
        left_out=OWN_TYPES,
    )
    return _waiting([row async for row in rows])


async def _read_stuck(
    connection: Any, shop_ids: list[int], now: datetime, known: datetime
) -> dict[int, Waiting]:
    rows = _queries.stuck(
        connection,
        shop_ids=shop_ids,
        silent_since=known - LIFELESS_AFTER,
        oldest_id=first_id_at(now - OLDEST_WAITING),
        left_out=OWN_TYPES,
    )
    return _waiting([row async for row in rows])


def _waiting(rows: Sequence[Any]) -> dict[int, Waiting]:
    found: dict[int, Waiting] = defaultdict(Waiting)
    for row in rows:
        task = WaitingTask(row["task_id"], row["type"], row["since"], row["order_number"])
        found[row["shop_id"]] = Waiting(row["n"], (*found[row["shop_id"]].oldest, task))
    return found
