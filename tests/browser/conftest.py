"""A console that really listens, with a believable log, and a Chromium to look at it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from playwright.async_api import Browser, Page, async_playwright
from pydantic import SecretStr

from query_api.app import build_app
from query_api.settings import QueryApiSettings
from shared.vault import Vault
from tests.browser.running import Console, listening
from tests.integration.query_api.world import World

PLACES = ("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome")
CHROMIUM = next((path for path in PLACES if Path(path).exists()), None)


@pytest.fixture
async def console(database_url: str) -> AsyncIterator[Console]:
    settings = QueryApiSettings(
        database_url=SecretStr(database_url),
        rabbitmq_url=SecretStr("amqp://127.0.0.1:1/"),
        secret_keys=SecretStr(Fernet.generate_key().decode()),
    )
    app = build_app(settings)
    async with listening(app) as address:
        world = World(app, app.state.backend.pool, Vault(settings.secret_keys.get_secret_value()))
        shop_id = await world.add_shop("demo")
        yield Console(address, world, shop_id, await world.token())


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """Debian's Chromium, or Playwright's own where that is installed."""
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        await chromium.close()


@pytest.fixture
async def page(browser: Browser) -> AsyncIterator[Page]:
    """Any complaint of the browser about this page, the security policy's too, is an error of the test."""
    context = await browser.new_context(viewport={"width": 1280, "height": 900})
    opened = await context.new_page()
    complaints: list[str] = []
    opened.on("console", lambda said: complaints.extend([said.text] if said.type == "error" else []))
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    yield opened
    await context.close()
    assert complaints == []
