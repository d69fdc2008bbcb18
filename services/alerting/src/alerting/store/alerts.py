"""Alerts as they are kept, and what has to be told."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from alerting.life import SAME_WITHIN, Alert, AlertState, Notice
from shared.alerts.channels import Channel, opened
from shared.alerts.notifications import Recipient
from shared.alerts.reading import settings_of
from shared.alerts.recipients import recipients
from shared.db.queries import load_queries
from shared.vault import SealBroken, Vault

Subject = tuple[int | None, str, str]
ACTOR = "alerting"

_queries = load_queries(__file__, "alerts")


def subject_of(alert: Alert) -> Subject:
    return (alert.shop_id, alert.rule, alert.subject)


async def known_alerts(connection: Any, now: datetime) -> dict[Subject, Alert]:
    """The open alert of each subject, or the last one if it was resolved lately."""
    found: dict[Subject, Alert] = {}
    async for row in _queries.alerts(connection, resolved_since=now - SAME_WITHIN):
        alert = _alert(row)
        before = found.get(subject_of(alert))
        if before is None or not before.is_open:
            found[subject_of(alert)] = alert
    return found


async def muted_subjects(connection: Any, now: datetime) -> set[Subject]:
    return {
        (row["shop_id"], row["rule"], row["subject"]) async for row in _queries.mutes(connection, now=now)
    }


async def put(connection: Any, alert: Alert) -> None:
    values = asdict(alert) | {"facts": dict(alert.facts), "changed_at": list(alert.changed_at)}
    await _queries.put_alert(connection, **values)


async def forget(connection: Any, alert: Alert) -> None:
    await _queries.forget(connection, id=alert.id)


async def add_history(connection: Any, alert: Alert, event: str, now: datetime) -> None:
    detail = {"title": alert.title, "severity": alert.severity}
    await _queries.add_history(connection, alert_id=alert.id, event=event, at=now, actor=ACTOR, detail=detail)


async def who_is_told(
    connection: Any, vault: Vault, shop_ids: Iterable[int]
) -> Mapping[int, Sequence[Recipient]]:
    """Each shop's own address first. Channels that can not be opened any more are left out."""
    told: dict[int, Sequence[Recipient]] = {}
    async for row in _queries.told_for(connection, shop_ids=list(shop_ids)):
        extra = settings_of(row["id"], row["settings"]).extra_addresses
        told[row["id"]] = recipients([row["email"], *extra], _opened(row["channels"], vault))
    return told


async def note_round(connection: Any, *, instance: str, now: datetime, took_ms: float) -> None:
    await _queries.note_round(connection, instance=instance, now=now, took_ms=took_ms)


async def last_round(connection: Any) -> datetime | None:
    moment: datetime | None = await _queries.last_round(connection)
    return moment


async def try_to_lead(connection: Any, key: int) -> bool:
    return bool(await _queries.try_to_lead(connection, key=key))


async def unpublished_notifications(connection: Any, wanted: int) -> list[Any]:
    """The oldest first, held by the caller's transaction."""
    return [row async for row in _queries.unpublished_notifications(connection, wanted=wanted)]


async def unpublished_history(connection: Any, wanted: int) -> list[Any]:
    """In order, held by the caller's transaction."""
    return [row async for row in _queries.unpublished_history(connection, wanted=wanted)]


async def note_announced(connection: Any, ids: Sequence[int], now: datetime) -> None:
    await _queries.note_announced(connection, ids=list(ids), now=now)


async def note_queues(connection: Any, seen: Mapping[str, tuple[int, int]], now: datetime) -> None:
    """`seen`: messages and consumers of each queue; -1 consumers: there is no such queue."""
    messages, consumers = zip(*seen.values(), strict=True)
    await _queries.note_queues(connection, queues=list(seen), messages=messages, consumers=consumers, now=now)


def _opened(stored: bytes | None, vault: Vault) -> Sequence[Channel]:
    try:
        return opened(stored, vault)
    except (SealBroken, ValueError):
        return ()


def _alert(row: Any) -> Alert:
    return Alert(
        **dict(row)
        | {
            "state": AlertState(row["state"]),
            "changed_at": tuple(row["changed_at"]),
            "told": Notice(row["told"]) if row["told"] else None,
        }
    )
