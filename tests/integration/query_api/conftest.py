"""The API on this test's own database, spoken to without a network."""

from collections.abc import AsyncIterator

import pytest
from cryptography.fernet import Fernet
from pydantic import SecretStr

from query_api.settings import QueryApiSettings
from tests.integration.query_api.visiting import Visitor, sign_in, visiting
from tests.integration.query_api.world import Api, World, serving


@pytest.fixture
def settings(database_url: str) -> QueryApiSettings:
    return QueryApiSettings(
        database_url=SecretStr(database_url),
        rabbitmq_url=SecretStr("amqp://127.0.0.1:1/"),
        secret_keys=SecretStr(Fernet.generate_key().decode()),
    )


@pytest.fixture
async def world(settings: QueryApiSettings) -> AsyncIterator[World]:
    async with serving(settings) as world:
        yield world


@pytest.fixture
async def shop(world: World) -> int:
    return await world.add_shop()


@pytest.fixture
async def api(world: World) -> AsyncIterator[Api]:
    """An administrator of all shops."""
    async with world.reader() as api:
        yield api


@pytest.fixture
async def visitor(world: World, shop: int) -> AsyncIterator[Visitor]:
    """An administrator who has signed in to the console."""
    async with visiting(world) as client:
        await sign_in(client, await world.token())
        yield client
