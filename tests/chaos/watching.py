"""Looks at the system from outside while things happen to it: who is ready, and how old its answers are."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import httpx

from tests.acceptance.stack import Stack
from tests.chaos import history as told
from tests.chaos.history import History

EVERY_S = 0.5
PATIENCE_S = 2.0
PAGE = "/tasks?limit=1"


@asynccontextmanager
async def watched(stack: Stack, history: History, ports: Mapping[str, int]) -> AsyncIterator[None]:
    """Notes changes of readiness, and every look at a list of tasks."""
    looks = [_watch(history, name, port) for name, port in ports.items()]
    watching = [asyncio.create_task(look) for look in (*looks, _ask(stack, history))]
    try:
        yield
    finally:
        for one in watching:
            one.cancel()
        await asyncio.gather(*watching, return_exceptions=True)


async def _watch(history: History, name: str, port: int) -> None:
    was_ready = True
    async with httpx.AsyncClient(timeout=PATIENCE_S, trust_env=False) as client:
        while True:
            is_ready = await _status(client, f"http://127.0.0.1:{port}/readyz") == 200
            if is_ready != was_ready:
                history.note(told.READY, process=name, is_ready=is_ready)
            was_ready = is_ready
            await asyncio.sleep(EVERY_S)


async def _status(client: httpx.AsyncClient, url: str) -> int | None:
    try:
        return (await client.get(url)).status_code
    except httpx.HTTPError:
        return None


async def _ask(stack: Stack, history: History) -> None:
    async with stack.api() as api:
        while True:
            try:
                answer = await api.get(PAGE, timeout=PATIENCE_S)
            except httpx.HTTPError:
                history.note(told.ANSWERED, page=PAGE, status=None, as_of=None)
            else:
                as_of = answer.json().get("as_of") if answer.is_success else None
                history.note(told.ANSWERED, page=PAGE, status=answer.status_code, as_of=as_of)
            await asyncio.sleep(EVERY_S * 2)
