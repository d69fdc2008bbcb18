"""How moments, durations, sizes and states are put for people. Pure."""

import re
from datetime import UTC, datetime, timedelta, tzinfo

from shared.envelope import State

NOTHING = "—"
_STATE_LABELS = {
    State.QUEUED: "Queued",
    State.PROCESSING: "Processing",
    State.RETRYING: "Retrying",
    State.FAILED: "Failed",
    State.SUCCEEDED: "Succeeded",
    State.CANCELLED: "Cancelled",
}
_TENTH = 100
_UNITS = (("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1))
_LONG_UNITS = (("day", 86_400), ("hour", 3_600), ("minute", 60))


def state_label(state: State) -> str:
    return _STATE_LABELS[state]


def words_of(name: str) -> list[str]:
    """`SyncOrder` in its parts, between which a line may break."""
    return re.findall(r"[A-Z]*[^A-Z]+|[A-Z]+$", name) or [name]


def duration(milliseconds: float | None) -> str:
    """`412ms`, `3s`, `2m 15s`, `1h 4m`, `2d 3h`; a dash for none."""
    if milliseconds is None:
        return NOTHING
    if milliseconds < 1_000:
        return f"{int(milliseconds)}ms" if milliseconds >= 1 else "<1ms"
    seconds = int(milliseconds / 1_000)
    for place, (unit, size) in enumerate(_UNITS):
        whole, rest = divmod(seconds, size)
        if whole and unit == "s":
            return f"{whole}s"
        if whole:
            smaller_unit, smaller_size = _UNITS[place + 1]
            smaller = rest // smaller_size
            return f"{whole}{unit} {smaller}{smaller_unit}" if smaller else f"{whole}{unit}"
    return "0s"


def relative(moment: datetime, now: datetime) -> str:
    """`just now`, `4 seconds ago`, `5 minutes ago`, `in 3 seconds`."""
    seconds = round((now - moment).total_seconds())
    if abs(seconds) < 2:
        return "just now"
    amount = _amount(abs(seconds))
    return f"{amount} ago" if seconds > 0 else f"in {amount}"


def exact(moment: datetime, zone: tzinfo = UTC) -> str:
    """`2026-11-21 09:15:02.120 CET`"""
    there = moment.astimezone(zone)
    return f"{there:%Y-%m-%d %H:%M:%S}.{there.microsecond // 1_000:03} {zone_name(there)}"


def zone_name(there: datetime) -> str:
    """Its zone's short name, or how far it is from UTC."""
    name = there.strftime("%Z")
    return name if name.isalpha() else f"UTC{name}"


def machine(moment: datetime) -> str:
    """For the `datetime` attribute."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def clock(moment: datetime, zone: tzinfo = UTC) -> str:
    return moment.astimezone(zone).strftime("%H:%M:%S")


def day(moment: datetime, zone: tzinfo = UTC) -> str:
    """`Saturday, 21 November 2026`"""
    there = moment.astimezone(zone)
    return f"{there:%A}, {there.day} {there:%B %Y}"


def size(count: int) -> str:
    """`812 B`, `4.1 kB`, `2.3 MB`."""
    if count < 1_000:
        return f"{count} B"
    return f"{count / 1_000:.1f} kB" if count < 1_000_000 else f"{count / 1_000_000:.1f} MB"


def number(count: int) -> str:
    """Thousands apart: `12 345`, with spaces that do not break."""
    return f"{count:,}".replace(",", "\u202f")


def percent(share: float | None) -> str:
    """Whole per cents; near 0 and near 100 with a decimal, and never rounded up to all or down to none."""
    if share is None:
        return NOTHING
    per_mille = round(share * 1_000)
    if 0 < share < 1 and per_mille in (0, 1_000):
        return ">99.9%" if per_mille else "<0.1%"
    is_near_the_end = 0 < per_mille < _TENTH or 1_000 - _TENTH < per_mille < 1_000
    return f"{per_mille / 10:.1f}%" if is_near_the_end else f"{share:.0%}"


def attempts(attempt: int, max_attempts: int) -> str:
    return f"{attempt} of {max(attempt, max_attempts)}"


def elapsed_ms(since: datetime | None, now: datetime) -> float | None:
    return None if since is None else max(timedelta(), now - since) / timedelta(milliseconds=1)


def _amount(seconds: int) -> str:
    for unit, size_s in _LONG_UNITS:
        if seconds >= size_s:
            return plural(seconds // size_s, unit)
    return plural(seconds, "second")


def plural(count: int, unit: str) -> str:
    """`1 task`, `2 300 tasks`."""
    return f"{number(count)} {unit}" if count == 1 else f"{number(count)} {unit}s"
