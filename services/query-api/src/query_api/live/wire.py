"""Server-Sent Events as they travel: https://html.spec.whatwg.org/multipage/server-sent-events.html. Pure."""

from query_api.live.position import Position, encode

RETRY_MS = 3_000
OPENING = b"retry: %d\n\n" % RETRY_MS


def frame(event: str, data: bytes, position: Position | None = None) -> bytes:
    """`data` is JSON in one line. With a position, the client names it when it comes back."""
    place = b"id: " + encode(position).encode() + b"\n" if position else b""
    return place + b"event: " + event.encode() + b"\ndata: " + data + b"\n\n"
