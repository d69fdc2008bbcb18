"""The program as people run it, against the API over HTTP."""

import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from pydantic import SecretStr
from starlette.types import Receive, Scope, Send

from query_api.auth import Role
from query_api.settings import QueryApiSettings
from tests.integration.cli.running import Program
from tests.integration.query_api.world import World, serving
from tests.sandbox.running import served
from tests.workers import World as Broker
from tests.workers import open_world


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
    async with serving(settings) as world:
        yield world


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
