"""Reads a request's body within limits of size and time."""

import asyncio

from starlette.requests import Request

from ingest.refusals import Reason, Refusal


async def read_body(request: Request, *, max_bytes: int, timeout_s: float) -> bytes:
    """The raw bytes. Raises Refusal as soon as it is clear that they are too many or come too slowly."""
    try:
        async with asyncio.timeout(timeout_s):
            return await _read(request, max_bytes)
    except TimeoutError as error:
        raise Refusal(Reason.TOO_SLOW, f"Send the whole body within {timeout_s:g} seconds.") from error


def check_announced_size(request: Request, max_bytes: int) -> None:
    """Raises Refusal when Content-Length says that the body is too large."""
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > max_bytes:
        raise _too_large(max_bytes)


async def _read(request: Request, max_bytes: int) -> bytes:
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        chunks.append(chunk)
        size += len(chunk)
        if size > max_bytes:
            raise _too_large(max_bytes)
    return b"".join(chunks)


def _too_large(max_bytes: int) -> Refusal:
    return Refusal(
        Reason.TOO_LARGE,
        f"Bodies may have {max_bytes} bytes at most; leave out fields that are not needed (include_fields).",
    )
