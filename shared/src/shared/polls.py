"""What a poll is asked for beside its own rhythm: to look again from an earlier moment on."""

from datetime import datetime

import orjson

_SINCE = "since"


def wish_since(since: datetime) -> bytes:
    """The payload of a poll that finds whatever is not stored of what changed since."""
    return orjson.dumps({_SINCE: since.isoformat()})


def wished_since(payload: bytes) -> datetime | None:
    """None: the poll goes on where the last one ended."""
    content = orjson.loads(payload) if payload else {}
    since = content.get(_SINCE)
    return datetime.fromisoformat(since) if since else None
