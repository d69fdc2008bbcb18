"""Every page for everybody: judged by axe, at the widths and colours people use."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from playwright.async_api import Browser, BrowserContext, Page
from pydantic import SecretStr

from query_api.app import build_app
from query_api.settings import QueryApiSettings
from shared.vault import Vault
from tests.browser.running import Console, listening
from tests.integration.query_api.access_pages import PAGES
from tests.integration.query_api.access_rows import Row
from tests.integration.query_api.shop_things import Things, things_of
from tests.integration.query_api.world import World
from tests.workers import open_world

pytestmark = pytest.mark.browser

AXE = Path(__file__).parents[2] / "services/query-api/node_modules/axe-core/axe.min.js"
NO_PAGES = ("/live", "/export", ".csv", "/file", "/payloads/")
RULES = """() => axe.run(document, {resultTypes: ["violations"]}).then(found => found.violations
    .filter(one => ["serious", "critical"].includes(one.impact))
    .map(one => `${one.id}: ${one.nodes.slice(0, 3).map(node => node.html.slice(0, 160)).join(" | ")}`))"""


@pytest.fixture
async def furnished(database_url: str, rabbitmq_url: str) -> AsyncIterator[tuple[Console, Things]]:
    """A console with one of everything."""
    settings = QueryApiSettings(
        database_url=SecretStr(database_url),
        rabbitmq_url=SecretStr(rabbitmq_url),
        secret_keys=SecretStr(Fernet.generate_key().decode()),
    )
    app = build_app(settings)
    async with open_world(database_url, rabbitmq_url), listening(app) as address:
        world = World(app, app.state.backend.pool, Vault(settings.secret_keys.get_secret_value()))
        things = await things_of(world, "own", 41)
        yield Console(address, world, 1, await world.token()), things


def addresses(things: Things) -> list[str]:
    shown = [row for row in PAGES if not any(part in row.route for part in NO_PAGES) and row.method == "GET"]
    return list(dict.fromkeys(_filled(row, things) for row in shown))


def _filled(row: Row, things: Things) -> str:
    values = {name: value.format(**things) for name, value in row.path.items()}
    query = "&".join(
        f"{name}={value.format(**things)}" for name, value in row.query.items() if isinstance(value, str)
    )
    return row.route.format(**values) + (f"?{query}" if query else "")


async def _signed_in(context: BrowserContext, console: Console) -> Page:
    page = await context.new_page()
    await page.goto(console.address)
    await page.get_by_label("Token").fill(console.token)
    await page.get_by_role("button", name="Sign in").click()
    await page.wait_for_load_state()
    return page


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing_serious_on_any_page(
    browser: Browser, furnished: tuple[Console, Things], scheme: Any
) -> None:
    console, things = furnished
    context = await browser.new_context(color_scheme=scheme, reduced_motion="reduce")
    page = await _signed_in(context, console)
    found = {}
    for address in [*addresses(things), "/nothing"]:
        await page.goto(console.address + address)
        await page.evaluate(AXE.read_text())
        if faults := await page.evaluate(RULES):
            found[address] = faults
    await context.close()
    assert found == {}, found


@pytest.mark.parametrize("width", [1440, 1024, 390])
async def test_no_page_is_wider_than_its_window_or_complains(
    browser: Browser, furnished: tuple[Console, Things], width: int
) -> None:
    console, things = furnished
    context = await browser.new_context(viewport={"width": width, "height": 800})
    page = await _signed_in(context, console)
    complaints: list[str] = []
    page.on("console", lambda said: complaints.extend([said.text] if said.type == "error" else []))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    too_wide = []
    for address in addresses(things):
        await page.goto(console.address + address)
        if not await page.evaluate("document.documentElement.scrollWidth <= innerWidth"):
            too_wide.append(address)
    await context.close()
    assert (too_wide, complaints) == ([], []), (too_wide, complaints)
