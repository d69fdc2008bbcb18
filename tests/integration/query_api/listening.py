"""A client that listens to events over HTTP, as browsers do."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import orjson

PATIENCE_S = 30


@dataclass
class Event:
    name: str = "message"
    id: str | None = None
    data: Any = None


@dataclass
class Ear:
    """`last_id`: what a browser would send when it comes back."""

    response: httpx.Response
    heard: list[Event] = field(default_factory=list)
    last_id: str | None = None

    def __post_init__(self) -> None:
        self._lines = self.response.aiter_lines()

    async def next(self) -> Event | None:
        """None: the stream is over."""
        event = Event()
        async with asyncio.timeout(PATIENCE_S):
            async for line in self._lines:
                if not line and event.data is not None:
                    return self._keep(event)
                _read(line, event)
        return None

    async def until(self, name: str) -> list[Event]:
        """All that is told up to the next event of this name."""
        told = []
        while (event := await self.next()) is not None:
            told.append(event)
            if event.name == name:
                return told
        raise AssertionError(f"the stream ended before {name}: {told}")

    async def rest(self) -> list[Event]:
        told = []
        while (event := await self.next()) is not None:
            told.append(event)
        return told

    def _keep(self, event: Event) -> Event:
        self.heard.append(event)
        self.last_id = event.id or self.last_id
        return event


def _read(line: str, event: Event) -> None:
    name, _, value = line.partition(": ")
    if name == "event":
        event.name = value
    elif name == "id":
        event.id = value
    elif name == "data":
        event.data = orjson.loads(value)


@asynccontextmanager
async def listening(
    url: str, token: str, *, last_id: str | None = None, **parameters: Any
) -> AsyncIterator[Ear]:
    headers = {"Authorization": f"Bearer {token}"} | ({"Last-Event-ID": last_id} if last_id else {})
    async with (
        httpx.AsyncClient(base_url=url, headers=headers, timeout=PATIENCE_S) as client,
        client.stream("GET", "/api/v1/events", params=parameters) as response,
    ):
        assert response.status_code == 200, await response.aread()
        yield Ear(response)


def transitions(events: list[Event]) -> list[tuple[str, int, str]]:
    """What tells them apart."""
    return [
        (event.data["task"]["id"], event.data["attempt"], event.data["state"])
        for event in events
        if event.name == "transition"
    ]
