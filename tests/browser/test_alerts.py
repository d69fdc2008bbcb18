"""Somebody on call sees an alert, opens it where they are, and takes care of it; an import moves on."""

import pytest
from playwright.async_api import Page, expect

from tests.browser.running import Console
from tests.integration.query_api.alerting import add_alert

pytestmark = pytest.mark.browser


async def _sign_in(console: Console, page: Page, address: str) -> None:
    await page.goto(f"{console.address}{address}")
    await page.get_by_label("Token").fill(console.token)
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_role("navigation", name="Main")).to_be_visible()
    await page.wait_for_load_state()


async def test_an_alert_is_opened_in_a_dialog_and_acknowledged(console: Console, page: Page) -> None:
    alert = await add_alert(console.world, console.shop_id)
    await _sign_in(console, page, "/alerts")
    await page.get_by_role("link", name="30 % of order tasks failed").first.click()
    dialog = page.get_by_role("dialog")
    await expect(dialog.get_by_role("heading", name="What happened")).to_be_visible()
    await expect(page).to_have_url(f"{console.address}/alerts/{alert}")
    await page.keyboard.press("Escape")
    await expect(page).to_have_url(f"{console.address}/alerts")
    await page.get_by_role("link", name="30 % of order tasks failed").first.click()
    await dialog.get_by_label("Note").first.fill("On it")
    await dialog.get_by_role("button", name="Acknowledge").click()
    await expect(page.get_by_text("Acknowledged: nobody is reminded")).to_be_visible()
    await expect(page.get_by_text("“On it”").first).to_be_visible()


async def test_what_is_being_entered_survives_a_refresh(console: Console, page: Page) -> None:
    await _sign_in(console, page, "/alerts/settings/demo.example")
    period = page.get_by_label("Order silence period")
    await period.fill("240")
    await page.locator("body").press("r")
    await expect(period).to_have_value("240")
    await page.get_by_role("button", name="Show what would fire").click()
    await expect(page.get_by_text("This is tried, not saved")).to_be_visible()
    await expect(period).to_have_value("240")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_text("Saved.")).to_be_visible()
