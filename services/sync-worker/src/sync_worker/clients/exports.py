"""The files in which the shop hands out its bulk exports: read from any byte on, never held as a whole."""

import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit, urlunsplit

import httpx

from shared.clients import answers
from shared.clients.http import Reply, transport_error
from shared.clients.observing import observe
from shared.envelope import Call, utc_now
from shared.errors import Rejected, Retryable

API = "Shopify exports"
PIECE_BYTES = 64 * 1024
LONGEST_SILENCE_S = 30
_RANGE = re.compile(r"bytes (?:(\d+)-\d+|\*)/(\d+)")
_GONE = (403, 404, 410)


@dataclass(slots=True)
class Download:
    """The bytes of a file from `offset` on; `size` is the whole file's. `read` counts what has come."""

    size: int | None
    offset: int
    pieces: AsyncIterator[bytes]
    read: int = 0

    @property
    def is_whole(self) -> bool:
        """Whether the end of the file has come; only then is a last line without a line break one."""
        return self.size is None or self.offset + self.read >= self.size


@dataclass(slots=True)
class _Opened:
    url: str
    started_at: datetime = field(default_factory=utc_now)
    clock: float = field(default_factory=time.perf_counter)
    status: int | None = None
    error: str | None = None


class Exports:
    """Downloads are recorded without their content and without the secret part of their address."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    @asynccontextmanager
    async def open(self, url: str, *, offset: int, size: int | None) -> AsyncIterator[Download]:
        """`size`: what the file's length should be, if it is known.

        Raises Rejected when the file is gone (Shopify: after seven days), Retryable when something else is in
        its place, else as `transport_error` says; also while the pieces are read.
        """
        opened = _Opened(url)
        try:
            async with self._client.stream(
                "GET", url, headers=_headers(offset), timeout=_timeout()
            ) as response:
                opened.status = response.status_code
                yield await _download(response, offset, size)
        except httpx.RequestError as error:
            opened.error = type(error).__name__
            raise transport_error(error, api=API, repeatable=True) from error
        finally:
            _note(opened, offset)


async def _download(response: httpx.Response, offset: int, size: int | None) -> Download:
    if response.status_code == 416:
        return Download(_whole_size(response), offset, _nothing())
    if response.status_code not in (200, 206):
        raise await _refusal(response)
    start, told = _place(response)
    if start > offset or (size is not None and told is not None and told != size):
        raise Retryable("Shopify sent something else than the export", kind="malformed_answer")
    download = Download(told if told is not None else size, offset, _nothing())
    download.pieces = _pieces(response, download, skip=offset - start)
    return download


async def _pieces(response: httpx.Response, download: Download, *, skip: int) -> AsyncIterator[bytes]:
    """A server that knows no ranges sends the file from its beginning: what was read is passed over."""
    async for piece in response.aiter_raw(PIECE_BYTES):
        rest = piece[skip:]
        skip -= len(piece) - len(rest)
        if rest:
            download.read += len(rest)
            yield rest


async def _nothing() -> AsyncIterator[bytes]:
    return
    yield b""


async def _refusal(response: httpx.Response) -> Exception:
    if response.status_code in _GONE:
        text = "The export's file is not there any more (Shopify keeps it for seven days): start a new import"
        return Rejected(text, kind="not_found")
    headers = {name.lower(): value for name, value in response.headers.items()}
    reply = Reply(response.status_code, headers, b"")
    return answers.error_of(reply, api=API, repeatable=True, now=utc_now())


def _place(response: httpx.Response) -> tuple[int, int | None]:
    """Where the answer begins in the file, and the file's size."""
    told = _RANGE.fullmatch(response.headers.get("content-range", ""))
    if response.status_code == 206 and told and told[1]:
        return int(told[1]), int(told[2])
    length = response.headers.get("content-length")
    return 0, int(length) if length and length.isdigit() else None


def _whole_size(response: httpx.Response) -> int | None:
    told = _RANGE.fullmatch(response.headers.get("content-range", ""))
    return int(told[2]) if told else None


def _headers(offset: int) -> dict[str, str]:
    return {"range": f"bytes={offset}-", "accept-encoding": "identity"}


def _timeout() -> httpx.Timeout:
    return httpx.Timeout(LONGEST_SILENCE_S, connect=5, pool=10)


def _note(opened: _Opened, offset: int) -> None:
    elapsed_s = time.perf_counter() - opened.clock
    observe(
        Call(
            api=API,
            method="GET",
            url=urlunsplit(urlsplit(opened.url)._replace(query="", fragment="")),
            started_at=opened.started_at,
            duration_ms=round(elapsed_s * 1000, 3),
            request_headers=_headers(offset),
            status=opened.status,
            error=opened.error,
        )
    )
