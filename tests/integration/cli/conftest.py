"""The program as people run it, against the API over HTTP."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from pydantic import SecretStr
from starlette.types import Receive, Scope, Send

from query_api.app import build_app
from query_api.auth import Role
from query_api.settings import QueryApiSettings
from shared.vault import Vault
from tests.integration.query_api.world import World
from tests.sandbox.running import served
from tests.workers import World as Broker
from tests.workers import open_world

PATIENCE_S = 60


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        assert self.code == 0, self.err
        return json.loads(self.out)


@dataclass
class Program:
    """`syncledger` with an environment of its own."""

    environment: dict[str, str]

    async def start(self, *arguments: str) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "syncledger", *arguments),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=self.environment,
        )

    async def run(self, *arguments: str, typed: str = "") -> Ran:
        process = await self.start(*arguments)
        async with asyncio.timeout(PATIENCE_S):
            out, err = await process.communicate(typed.encode())
        assert process.returncode is not None
        return Ran(process.returncode, out.decode(), err.decode())

    async def json(self, *arguments: str) -> Any:
        return (await self.run(*arguments, "--json")).json


@pytest.fixture
async def published(database_url: str, rabbitmq_url: str) -> AsyncIterator[Broker]:
    async with open_world(database_url, rabbitmq_url) as broker:
        yield broker


@pytest.fixture
async def world(database_url: str, rabbitmq_url: str, published: Broker) -> AsyncIterator[World]:
    keys = Fernet.generate_key().decode()
    settings = QueryApiSettings(
        database_url=SecretStr(database_url),
        rabbitmq_url=SecretStr(rabbitmq_url),
        secret_keys=SecretStr(keys),
    )
    app = build_app(settings)
    async with app.router.lifespan_context(app):
        yield World(app, app.state.backend.pool, Vault(keys))


@pytest.fixture
async def shop(world: World) -> int:
    return await world.add_shop()


@pytest.fixture
async def program(world: World, tmp_path: Path) -> AsyncIterator[Program]:
    """With the token of an administrator of all shops."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await world.app(scope, receive, send)

    async with served(app) as url:
        yield Program(
            {
                "SYNCLEDGER_URL": url,
                "SYNCLEDGER_TOKEN": await world.token(Role.ADMIN),
                "XDG_CONFIG_HOME": str(tmp_path),
                "PATH": "/usr/bin:/bin",
                "TZ": "UTC",
                "COLUMNS": "200",
                "PYTHONPATH": ":".join(sys.path),
            }
        )
