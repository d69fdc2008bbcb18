"""One asyncpg pool per process."""

from collections.abc import Awaitable, Callable
from typing import Any

import asyncpg
import orjson

from shared.metrics import POOL_CONNECTIONS

Pool = asyncpg.Pool
type_of_connection = asyncpg.Connection


async def open_pool(
    dsn: str, *, max_size: int = 10, application_name: str = "syncledger", leaves_traces: bool = True
) -> "asyncpg.Pool":
    """Opens lazily: the pool exists even while the database is away, and connects when it is back.

    `leaves_traces` False: nothing that is run leaves anything in its session (settings, locks, listeners),
    so that nothing has to be reset, which would be one more question to Postgres for each one asked.
    """
    pool = await asyncpg.create_pool(
        dsn,
        min_size=0,
        max_size=max_size,
        init=_set_codecs,
        reset=None if leaves_traces else _reset_nothing,
        command_timeout=30,
        timeout=5,
        server_settings={"application_name": application_name},
    )
    for state, number in (("open", pool.get_size), ("idle", pool.get_idle_size), ("max", pool.get_max_size)):
        POOL_CONNECTIONS.labels(application_name, state).set_function(number)
    return pool


async def open_connection(dsn: str, *, application_name: str = "syncledger") -> Any:
    """A connection of its own, without a limit of time: for long statements and session locks."""
    connection = await asyncpg.connect(dsn, timeout=5, server_settings={"application_name": application_name})
    await _set_codecs(connection)
    return connection


async def _reset_nothing(_: Any) -> None:
    """asyncpg itself has ended what transaction there was."""


async def _set_codecs(connection: Any) -> None:
    set_type_codec: Callable[..., Awaitable[None]] = connection.set_type_codec
    await set_type_codec(
        "jsonb",
        schema="pg_catalog",
        encoder=lambda value: b"\x01" + orjson.dumps(value),
        decoder=lambda data: orjson.loads(data[1:]),
        format="binary",
    )
