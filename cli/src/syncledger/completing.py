"""Words the shell can complete. What the server has to say is asked shortly; silence completes nothing."""

from collections.abc import Iterator
from contextlib import suppress

from syncledger.clients.api import Api
from syncledger.configuration import access
from syncledger.errors import Stop

STATES = (
    *("queued", "processing", "retrying", "succeeded", "failed", "cancelled"),
    *("pending", "success", "error"),
)


def states(incomplete: str) -> list[str]:
    return [state for state in STATES if state.startswith(incomplete.lower())]


def shops(incomplete: str) -> list[str]:
    return list(_asked("/shops", "shops", "domain", incomplete))


def types(incomplete: str) -> list[str]:
    return list(_asked("/stats", "types", "name", incomplete))


def _asked(path: str, things: str, name: str, incomplete: str) -> Iterator[str]:
    with suppress(Stop), Api(access(), wait=_not_now) as api:
        for one in api.get(path)[things]:
            if one[name].lower().startswith(incomplete.lower()):
                yield one[name]


def _not_now(_: float) -> None:
    """Nobody waits for a completion."""
