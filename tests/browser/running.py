"""A console that really listens on a port."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import uvicorn
from fastapi import FastAPI
from playwright.async_api import Page, expect

from tests.integration.query_api.world import World
from tests.waiting import eventually


@dataclass
class Console:
    """Where it listens, what stands in its log, and how to get in."""

    address: str
    world: World
    shop_id: int
    token: str


@asynccontextmanager
async def listening(app: FastAPI) -> AsyncIterator[str]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, lifespan="on", log_config=None, access_log=False))
        serving = asyncio.create_task(server.serve([listener]))
        await eventually(lambda: server.started)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        await serving


async def sign_in(page: Page, console: Console, *, has_scripts: bool = True) -> None:
    """Waits for the scripts, where there are some."""
    await page.goto(console.address)
    await page.get_by_label("Token").fill(console.token)
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_role("heading", name="Task overview")).to_be_visible()
    if has_scripts:
        await expect(page.get_by_role("button", name="Pause")).to_be_visible()
