"""Every page for everybody: judged by axe, at the widths and in the colours people use."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from playwright.async_api import Browser, Page
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
WIDTHS = (390, 1024, 1440)
RULES = """options => axe.run(document, {resultTypes: ["violations"], preload: false, ...options})
    .then(found => found.violations.filter(one => ["serious", "critical"].includes(one.impact))
    .map(one => `${one.id}: ${one.nodes.slice(0, 3).map(node => node.html.slice(0, 160)).join(" | ")}`))"""
COLOURS_ONLY = {"runOnly": ["color-contrast"]}
# After two frames charts have been drawn anew.
IS_TOO_WIDE = """() => new Promise(frame => requestAnimationFrame(() => requestAnimationFrame(frame)))
    .then(() => document.documentElement.scrollWidth > innerWidth)"""


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
    """One of each page: narrowed to a shop it is the same."""
    whole = [row for row in PAGES if "shop" not in row.query]
    shown = [row for row in whole if not any(part in row.route for part in NO_PAGES)]
    return list(dict.fromkeys(_filled(row, things) for row in shown))


def _filled(row: Row, things: Things) -> str:
    values = {name: value.format(**things) for name, value in row.path.items()}
    query = "&".join(
        f"{name}={value.format(**things)}" for name, value in row.query.items() if isinstance(value, str)
    )
    return row.route.format(**values) + (f"?{query}" if query else "")


async def test_every_page_is_for_everybody_fits_its_window_and_complains_of_nothing(
    browser: Browser, furnished: tuple[Console, Things]
) -> None:
    """Each is loaded once: dark is another set of colours, so that only these are judged again."""
    console, things = furnished
    context = await browser.new_context(reduced_motion="reduce")
    await context.add_init_script(path=AXE)
    page = await context.new_page()
    complaints: list[str] = []
    page.on("console", lambda said: complaints.extend([said.text] if said.type == "error" else []))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    await _sign_in(page, console)
    found = {}
    for address in addresses(things):
        await page.goto(console.address + address)
        if faults := [*await _too_wide(page), *await _judged(page), *complaints]:
            found[address] = faults
        complaints.clear()
    await page.goto(f"{console.address}/nothing")
    found |= {"/nothing": faults} if (faults := await _judged(page)) else {}
    await context.close()
    assert found == {}, found


async def _too_wide(page: Page) -> list[str]:
    faults = []
    for width in WIDTHS:
        await page.set_viewport_size({"width": width, "height": 800})
        if await page.evaluate(IS_TOO_WIDE):
            faults.append(f"wider than {width}")
    return faults


async def _judged(page: Page) -> list[str]:
    await page.emulate_media(color_scheme="light")
    faults: list[str] = await page.evaluate(RULES, {})
    await page.emulate_media(color_scheme="dark")
    return [*faults, *(f"dark {fault}" for fault in await page.evaluate(RULES, COLOURS_ONLY))]


async def _sign_in(page: Page, console: Console) -> None:
    await page.goto(console.address)
    await page.get_by_label("Token").fill(console.token)
    await page.get_by_role("button", name="Sign in").click()
    await page.wait_for_load_state()
