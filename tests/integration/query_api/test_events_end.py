"""The end of the process is the end of its streams: it does not wait for them."""

import asyncio
import os
import socket
import sys
from collections.abc import AsyncIterator

import pytest

from query_api.settings import QueryApiSettings
from tests.integration.query_api.listening import PATIENCE_S, listening
from tests.integration.query_api.world import World
from tests.integration.recorder.running import OwnProcess
from tests.waiting import eventually


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
async def process(world: World, settings: QueryApiSettings, port: int) -> AsyncIterator[OwnProcess]:
    """The API as a process of its own, on the world's database."""
    environment = os.environ | {
        "DATABASE_URL": settings.database_url.get_secret_value(),
        "RABBITMQ_URL": settings.rabbitmq_url.get_secret_value(),
        "SECRET_KEYS": settings.secret_keys.get_secret_value(),
        "PORT": str(port),
        "LOG_LEVEL": "ERROR",
    }
    command = "from query_api.app import serve; serve()"
    started = await asyncio.create_subprocess_exec(sys.executable, "-c", command, env=environment)
    process = OwnProcess(started, port)
    try:
        await eventually(process.is_live, PATIENCE_S)
        yield process
    finally:
        await process.kill()


async def test_who_listens_is_told_of_the_end_of_the_process(
    world: World, process: OwnProcess, port: int
) -> None:
    async with listening(f"http://127.0.0.1:{port}", await world.token()) as ear:
        await ear.until("ready")
        ending = asyncio.create_task(process.terminate())
        last = (await ear.rest())[-1]
    await ending
    assert (last.name, last.data["reason"]) == ("end", "shutting-down")
