"""The time zones to choose from. Pure but for the list that Python has."""

from functools import cache
from zoneinfo import available_timezones

_REGIONS = (
    "Africa/",
    "America/",
    "Antarctica/",
    "Arctic/",
    "Asia/",
    "Atlantic/",
    "Australia/",
    "Europe/",
    "Indian/",
    "Pacific/",
)


def zones(present: str) -> list[str]:
    """By name, UTC first; the present one among them, whatever it is."""
    known = _usual()
    return list(known) if present in known or not present else [present, *known]


@cache
def _usual() -> tuple[str, ...]:
    return ("UTC", *sorted(name for name in available_timezones() if name.startswith(_REGIONS)))
