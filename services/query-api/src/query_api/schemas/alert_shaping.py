"""Alerts as answers show them."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from query_api.repository.alerts import AlertRow, Event, NotificationRow
from query_api.schemas.alerts import (
    AcknowledgmentOut,
    AlertDetail,
    AlertOut,
    EventOut,
    ExampleOut,
    MuteOut,
    NotificationOut,
)

_SAME = (
    *("id", "rule", "subject", "state", "severity", "title", "explanation", "began_at", "fired_at"),
    *("clear_since", "resolved_at", "seen_at", "told", "told_at"),
)


def alert(row: AlertRow) -> AlertOut:
    return AlertOut(**_facts(row))


def alert_detail(
    row: AlertRow,
    history: Sequence[Event],
    notifications: Sequence[NotificationRow],
    *,
    with_addresses: bool,
) -> AlertDetail:
    """`with_addresses`: the reader may see who is told."""
    return AlertDetail(
        **_facts(row),
        history=[EventOut(at=one.at, event=one.event, by=one.actor, detail=one.detail) for one in history],
        notifications=[notification(one, row.id, with_addresses=with_addresses) for one in notifications],
    )


def notification(row: NotificationRow, alert_id: UUID, *, with_addresses: bool) -> NotificationOut:
    return NotificationOut.model_validate(
        {
            "task_id": row.id,
            "kind": row.kind,
            "told": [one["event"] for one in row.alerts if one["id"] == str(alert_id)],
            "channel": row.channel,
            "recipient": row.recipient if with_addresses else None,
            "created_at": row.created_at,
            "queued_at": row.published_at,
            "sent_at": row.sent_at,
            "note": row.note,
            "task_state": row.task_state,
            "attempt": row.attempt,
            "max_attempts": row.max_attempts,
        }
    )


def _facts(row: AlertRow) -> dict[str, Any]:
    return {
        **{name: getattr(row, name) for name in _SAME},
        "shop": row.domain,
        "remedy": row.facts.get("remedy"),
        "numbers": row.facts.get("numbers", {}),
        "examples": [_example(one) for one in row.facts.get("examples", [])],
        "link": row.facts.get("link", {}),
        "acknowledged": _acknowledgment(row),
        "mute": _mute(row),
    }


def _example(stored: Mapping[str, Any]) -> ExampleOut:
    return ExampleOut(
        task_id=stored["task_id"],
        type=stored["type"],
        message=stored["message"],
        order_number=stored.get("order_number"),
    )


def _acknowledgment(row: AlertRow) -> AcknowledgmentOut | None:
    if row.acknowledged_at is None:
        return None
    by = row.acknowledged_by or ""
    return AcknowledgmentOut(at=row.acknowledged_at, by=by, note=row.acknowledged_note)


def _mute(row: AlertRow) -> MuteOut | None:
    if row.muted_until is None or row.muted_at is None:
        return None
    return MuteOut(until=row.muted_until, at=row.muted_at, by=row.muted_by or "", note=row.mute_note)
