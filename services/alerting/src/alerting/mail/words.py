"""What is said of alerts, wherever it is said. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from alerting.store.telling import Message, ToldAlert
from shared.alerts.notifications import NotificationKind

LONGEST_SUBJECT = 150
_HEADINGS = {"firing": "Needs attention", "reminder": "Still needs attention", "resolved": "Is over"}


@dataclass(frozen=True, slots=True)
class Item:
    """One alert for people, its times in the shop's zone. `examples` are lines."""

    heading: str
    is_over: bool
    is_critical: bool
    title: str
    explanation: str
    since: str
    until: str | None
    examples: tuple[str, ...]
    remedy: str | None
    address: str | None


def nothing_left(message: Message) -> str | None:
    """Why there is nothing to tell any more."""
    if message.kind is NotificationKind.TEST:
        return None
    if not message.alerts:
        return "The alerts are gone: nothing to tell"
    if message.kind is NotificationKind.REMINDER and all(one.is_over for one in message.alerts):
        return "Is over meanwhile: no reminder needed"
    return None


def subject(message: Message) -> str:
    """One line, whatever the titles hold."""
    about = message.shop_name if message.shop else "Syncledger"
    if message.kind is NotificationKind.TEST:
        return _line(f"{about}: test of alerts")
    first, *more = items(message, console_url=None)
    others = f" and {len(more)} more" if more else ""
    state = (
        "Resolved: " if first.is_over else "Reminder: " if message.kind is NotificationKind.REMINDER else ""
    )
    return _line(f"{about}: {state}{first.title}{others}")


def items(message: Message, console_url: str | None) -> list[Item]:
    """What needs attention first, the gravest before others."""
    zone = ZoneInfo(message.timezone)
    shown = [_item(one, message, zone, console_url) for one in message.alerts]
    return sorted(shown, key=lambda item: (item.is_over, not item.is_critical))


def _item(alert: ToldAlert, message: Message, zone: ZoneInfo, console_url: str | None) -> Item:
    began = alert.fired_at or alert.began_at
    since = _since(alert.facts) or began
    return Item(
        heading=_HEADINGS["resolved" if alert.is_over else alert.event],
        is_over=alert.is_over,
        is_critical=alert.severity == "critical",
        title=alert.title,
        explanation=alert.explanation,
        since=_moment(min(since, began), zone),
        until=_moment(alert.resolved_at, zone) if alert.is_over and alert.resolved_at else None,
        examples=tuple(_example(one) for one in alert.facts.get("examples") or ()),
        remedy=None if alert.is_over else alert.facts.get("remedy"),
        address=_address(alert, message, console_url),
    )


def _since(facts: Mapping[str, Any]) -> datetime | None:
    said = facts.get("since")
    return datetime.fromisoformat(said) if isinstance(said, str) else None


def _moment(at: datetime, zone: ZoneInfo) -> str:
    local = at.astimezone(zone)
    return f"{local:%A} {local.day} {local:%B %Y, %H:%M} ({zone.key.replace('_', ' ')})"


def _example(one: Mapping[str, Any]) -> str:
    order = f" for order {one['order_number']}" if one.get("order_number") else ""
    return f"{one.get('type')}{order}: {one.get('message')} (task {one.get('task_id')})"


def _address(alert: ToldAlert, message: Message, console_url: str | None) -> str | None:
    """The console's view of what is meant."""
    if not console_url:
        return None
    link = dict(alert.facts.get("link") or {})
    if message.shop:
        link.setdefault("shop", message.shop)
    return f"{console_url.rstrip('/')}/?{urlencode(link)}"


def _line(text: str) -> str:
    """Nothing that could end a header."""
    plain = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return plain if len(plain) <= LONGEST_SUBJECT else plain[: LONGEST_SUBJECT - 1] + "…"
