"""What is done to Postgres and RabbitMQ, and to the connections to them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from devstack.program import Program
from tests.chaos.history import Facts
from tests.chaos.scene import PATIENCE_S, Scene, insistently
from tests.chaos.schedule import Fault

TABLES = {"log": "ledger.task_events", "inbox": "store.inbox"}
# What Postgres says when a table can not grow; nothing of ours is asked to pretend.
FULL = """
    CREATE FUNCTION public.chaos_{target}_full() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE 'could not extend file: No space left on device' USING ERRCODE = 'disk_full'; END $$;
    CREATE TRIGGER chaos_full BEFORE INSERT OR UPDATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION public.chaos_{target}_full();
"""
ROOM_AGAIN = "DROP FUNCTION IF EXISTS public.chaos_{target}_full CASCADE"


@asynccontextmanager
async def restarted(scene: Scene, fault: Fault, facts: Facts) -> AsyncIterator[None]:
    """Stopped as in an upgrade and started again."""
    server = scene.server(fault.target)
    await asyncio.to_thread(server.stop)
    await _come_up(server)
    yield


@asynccontextmanager
async def crashed(scene: Scene, fault: Fault, facts: Facts) -> AsyncIterator[None]:
    """SIGKILL, and started again."""
    server = scene.server(fault.target)
    await asyncio.to_thread(server.kill)
    await _come_up(server)
    yield


async def _come_up(server: Program) -> None:
    """Started from this thread, with which the server would end."""
    server.spawn()
    async with asyncio.timeout(PATIENCE_S):
        while not await asyncio.to_thread(server.answers):
            if server.exit_code is not None:
                server.spawn()
            await asyncio.sleep(0.2)


@asynccontextmanager
async def cut(scene: Scene, fault: Fault, facts: Facts) -> AsyncIterator[None]:
    """Every connection to the server ends at once."""
    scene.passages[fault.target].cut()
    yield


@asynccontextmanager
async def stuck(scene: Scene, fault: Fault, facts: Facts) -> AsyncIterator[None]:
    """Connections stay, and nothing passes."""
    scene.passages[fault.target].stick()
    try:
        yield
    finally:
        scene.passages[fault.target].release()


@asynccontextmanager
async def without_room(scene: Scene, fault: Fault, facts: Facts) -> AsyncIterator[None]:
    """A table can not grow: every statement that would write to it fails as on a full disk."""
    room_again = ROOM_AGAIN.format(target=fault.target)
    full = FULL.format(target=fault.target, table=TABLES[fault.target])
    await insistently(lambda: _execute(scene, room_again + ";" + full))
    try:
        yield
    finally:
        await insistently(lambda: _execute(scene, room_again))


async def _execute(scene: Scene, statements: str) -> None:
    connection = await asyncpg.connect(scene.stack.postgres.url)
    try:
        await connection.execute(statements)
    finally:
        await connection.close()
