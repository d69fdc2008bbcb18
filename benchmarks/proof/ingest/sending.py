"""Sends deliveries as fast as they are answered, over so many connections: `python -m … ADDRESS COUNT RUN`.

Everything is signed before the clock starts. Prints how long it took in all, and each answer, in seconds.
"""

import asyncio
import json
import os
import re
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import NamedTuple
from urllib.parse import urlsplit
from uuid import uuid4

import uvloop

from benchmarks.proof.ingest.bodies import Content, contents
from devstack.demo import DOMAIN
from sandbox.shopify.delivery import WEBHOOK_PATH, Sender, Stamp, wire_headers

CONNECTIONS = 32
WARMING_UP = 200
_LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)
_FINE = b"HTTP/1.1 200"


class Sent(NamedTuple):
    seconds: float
    answers: Sequence[float]


async def send(address: str, requests: Sequence[tuple[bytes, bytes]]) -> Sent:
    """Raises RuntimeError when an answer is not 200."""
    waiting, answers = iter(requests), list[float]()
    connections = min(CONNECTIONS, len(requests))
    began = time.perf_counter()
    await asyncio.gather(*(_connection(address, waiting, answers) for _ in range(connections)))
    return Sent(time.perf_counter() - began, answers)


async def _connection(address: str, waiting: Iterator[tuple[bytes, bytes]], answers: list[float]) -> None:
    parts = urlsplit(address)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    for head, body in waiting:
        began = time.perf_counter()
        writer.write(head)
        writer.write(body)
        await _answer(reader)
        answers.append(time.perf_counter() - began)
    writer.close()
    await writer.wait_closed()


async def _answer(reader: asyncio.StreamReader) -> None:
    head = await reader.readuntil(b"\r\n\r\n")
    length = _LENGTH.search(head)
    body = await reader.readexactly(int(length[1])) if length else b""
    if not head.startswith(_FINE):
        raise RuntimeError((head + body).decode(errors="replace"))


def signed(sender: Sender, some: Sequence[Content], count: int) -> list[tuple[bytes, bytes]]:
    """Head and body of so many deliveries, no two of them the same."""
    return [request_of(sender, some[number % len(some)]) for number in range(count)]


def request_of(sender: Sender, content: Content) -> tuple[bytes, bytes]:
    """Head and body of a delivery that is told from any other."""
    stamp = Stamp(content.topic, str(uuid4()), str(uuid4()), datetime.now(UTC))
    headers = [
        *wire_headers(sender, content.body, stamp=stamp),
        ("Host", "ingest"),
        ("Content-Length", str(len(content.body))),
    ]
    lines = [f"POST {WEBHOOK_PATH} HTTP/1.1", *(f"{name}: {value}" for name, value in headers)]
    return "\r\n".join([*lines, "", ""]).encode(), content.body


async def _main(address: str, count: int, seed: str) -> None:
    sender = Sender(DOMAIN, os.environ["WEBHOOK_SECRET"])
    requests = signed(sender, contents(sender, seed=seed), WARMING_UP + count)
    await send(address, requests[:WARMING_UP])
    found = await send(address, requests[WARMING_UP:])
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    uvloop.run(_main(sys.argv[1], int(sys.argv[2]), sys.argv[3]))
