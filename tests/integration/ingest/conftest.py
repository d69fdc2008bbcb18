"""One running ingest service for the tests that break nothing."""

from collections.abc import AsyncIterator

import pytest

from tests.integration.ingest.running import Ingest, Shop, add_shop, ready_ingest


@pytest.fixture
async def shop(database_url: str) -> Shop:
    return await add_shop(database_url)


@pytest.fixture
async def ingest(database_url: str, rabbitmq_url: str, shop: Shop) -> AsyncIterator[Ingest]:
    async with ready_ingest(database_url, rabbitmq_url) as running:
        yield running
