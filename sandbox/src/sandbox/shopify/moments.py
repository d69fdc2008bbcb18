"""Moments as the shop counts them: in whole seconds, and never twice for one resource."""

from datetime import datetime, timedelta

_SECOND = timedelta(seconds=1)


def later(previous: datetime, now: datetime) -> datetime:
    """A moment after the previous change even within one second, the resolution of `updated_at`."""
    return max(now.replace(microsecond=0), previous + _SECOND)
