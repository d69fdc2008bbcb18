"""Rules, events and figures of alerts as people call them. Pure."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from shared.alerts.verdicts import Rule

RULES: Mapping[str, str] = MappingProxyType(
    {
        Rule.ORDER_SILENCE: "Silence of orders",
        Rule.ERROR_RATE: "Error rate",
        Rule.CONNECTION: "Connection",
        Rule.CREDENTIALS: "Credentials",
        Rule.EXPIRY: "Expiry",
        Rule.FAILURE_GROUP: "New failure",
        Rule.QUEUED: "Queued too long",
        Rule.STUCK: "Stuck tasks",
        Rule.LANE: "Queue without consumers",
        Rule.LOG_LAG: "Log behind",
        Rule.DEAD_LETTERS: "Unreadable messages",
    }
)
_EVENTS = MappingProxyType(
    {
        "pending": "Noticed",
        "firing": "Firing",
        "resolved": "Over",
        "reminder": "Reminded",
        "acknowledged": "Acknowledged",
        "muted": "Muted",
        "unmuted": "Unmuted",
    }
)
_EVENT_TONES = MappingProxyType(
    {"pending": "warn", "firing": "bad", "resolved": "good", "acknowledged": "busy", "muted": "calm"}
)
_UNITS = MappingProxyType({"percent": " %", "minutes": " min", "seconds": " s"})


def rule_name(rule: str) -> str:
    return RULES.get(rule, rule.replace("-", " ").capitalize())


def event_name(event: str) -> str:
    return _EVENTS.get(event, event.replace("-", " ").capitalize())


def event_tone(event: str) -> str:
    return _EVENT_TONES.get(event, "calm")


def figures(numbers: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Names and values to show; a moment stays one, so that it is shown in the viewer's zone."""
    return [
        (_name(name), _value(name, value)) for name, value in numbers.items() if value not in (None, "", [])
    ]


def _name(name: str) -> str:
    for unit in _UNITS:
        name = name.removesuffix(f"_{unit}")
    words = name.removesuffix("_at").replace("_", " ")
    return words[:1].upper() + words[1:]


def _value(name: str, value: Any) -> Any:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        unit = next((text for ending, text in _UNITS.items() if name.endswith(ending)), "")
        return f"{value:,g}" + unit if isinstance(value, float) else f"{value:,}" + unit
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return moment_of(value) or str(value) if isinstance(value, str) else str(value)


def moment_of(text: str) -> datetime | None:
    """None: it is none, or without an offset."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else None
