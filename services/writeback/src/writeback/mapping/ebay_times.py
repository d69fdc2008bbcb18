"""Times as eBay writes and reads them: UTC with milliseconds. Pure."""

from datetime import UTC, datetime

from shared.moments import in_utc


def told(moment: datetime) -> str:
    """Like `2026-11-21T08:00:00.000Z`."""
    utc = moment.astimezone(UTC)
    return f"{utc:%Y-%m-%dT%H:%M:%S}.{utc.microsecond // 1000:03}Z"


def read(text: object) -> datetime | None:
    """None when it is no time, or not said of which zone."""
    try:
        moment = datetime.fromisoformat(text) if isinstance(text, str) else None
        return in_utc(moment) if moment is not None and moment.tzinfo is not None else None
    except ValueError:
        return None
