"""A sandbox shared by all tests of the CRM and the faults, and one of its own for each test of the shop."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest

from sandbox.app import build_app
from sandbox.settings import Settings
from tests.sandbox.asking import TOKEN, Admin
from tests.sandbox.running import Receiver, served, served_aside

API_KEY = "key-of-this-test"
SHOP_DOMAIN = "test-outdoor.myshopify.com"
SECRET = "hush"
NOBODY_LISTENS = "http://127.0.0.1:9"


def settings_for(ingest_url: str, **changes: Any) -> Settings:
    given = {
        "ingest_url": ingest_url,
        "shop_domain": SHOP_DOMAIN,
        "webhook_secret": SECRET,
        "shopify_access_token": TOKEN,
        "engage_api_key": API_KEY,
        "seed": "test",
        "retry_scale": 1e-5,
        "traffic_rate": 0,
        "state_file": None,
    }
    return Settings(**{**given, **changes})


@pytest.fixture(scope="session")
def shared_sandbox_url() -> Iterator[str]:
    with served_aside(build_app(settings_for(NOBODY_LISTENS))) as url:
        yield url


@pytest.fixture
async def control(shared_sandbox_url: str) -> AsyncIterator[httpx.AsyncClient]:
    """The control API of a sandbox whose CRM is empty and behaves."""
    async with httpx.AsyncClient(
        base_url=f"{shared_sandbox_url}/control", trust_env=False, verify=False
    ) as client:
        await client.delete("/faults")
        await client.post("/engage/reset")
        yield client


@pytest.fixture
async def crm(shared_sandbox_url: str, control: httpx.AsyncClient) -> AsyncIterator[httpx.AsyncClient]:
    """The CRM as a well-behaved caller sees it."""
    async with crm_client(shared_sandbox_url) as client:
        yield client


def crm_client(sandbox_url: str) -> httpx.AsyncClient:
    headers = {"apikey": API_KEY, "User-Agent": "tests/1"}
    return httpx.AsyncClient(base_url=f"{sandbox_url}/engage", headers=headers, trust_env=False, verify=False)


@pytest.fixture
async def kim(crm: httpx.AsyncClient) -> dict[str, Any]:
    """A contact that exists."""
    fields = {
        "firstName": "Kim",
        "lastName": "Åberg",
        "email": "kim@example.com",
        "externalId": "6148732321001",
    }
    created = await crm.post("/api/v3/contacts", json=fields)
    return {"id": created.json(), **fields}


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    """Where the shop's webhooks arrive."""
    taker = Receiver()
    async with served(taker) as taker.url:
        yield taker


@pytest.fixture
async def shop(receiver: Receiver) -> AsyncIterator[httpx.AsyncClient]:
    """The control API of a sandbox whose shop sends to the receiver."""
    async with (
        served(build_app(settings_for(receiver.url))) as url,
        httpx.AsyncClient(base_url=f"{url}/control/shop", trust_env=False, verify=False) as client,
    ):
        yield client


@pytest.fixture
async def admin(receiver: Receiver) -> AsyncIterator[Admin]:
    """A shop's Admin API and its control API; what it tells goes to the receiver."""
    async with (
        served(build_app(settings_for(receiver.url))) as url,
        httpx.AsyncClient(base_url=url, trust_env=False, verify=False, timeout=30) as http,
        httpx.AsyncClient(base_url=f"{url}/control/shop", trust_env=False, verify=False) as control,
    ):
        yield Admin(http, control, SHOP_DOMAIN)
