"""Moments as people write them. Pure."""

import re
from datetime import datetime, timedelta

from syncledger.errors import Mistake

_AGO = re.compile(r"(\d{1,6})\s*(s|m|h|d|w)", re.ASCII)
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def moment(text: str, now: datetime) -> str:
    """`2h` is two hours ago; else RFC 3339, without an offset in the time of this machine. Raises Mistake."""
    if (ago := _AGO.fullmatch(text.strip())) is not None:
        amount, unit = ago.groups()
        return (now - timedelta(**{_UNITS[unit]: int(amount)})).isoformat()
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        raise Mistake(
            f"{text!r} is no moment. Examples: 30m, 2h, 7d (ago), 2026-11-21, 2026-11-21T08:00:00+01:00."
        ) from None
    return (found if found.tzinfo else found.astimezone()).isoformat()
