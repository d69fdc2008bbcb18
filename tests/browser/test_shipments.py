"""Shipments and connections in a real browser."""

import re
from typing import Any

import pytest
from playwright.async_api import Page, expect

from shared.envelope import Call, Detail, State, utc_now
from shared.tasks import Api, TaskType
from tests.browser.running import Console
from tests.factories import transition
from tests.integration.query_api.shipping import add_account, add_shipment

pytestmark = pytest.mark.browser

FAILED: dict[str, Any] = {"state": "failed", "error_kind": "validation", "error_message": "No such carrier"}


async def _open(page: Page, console: Console, path: str) -> None:
    await page.goto(f"{console.address}/sign-in?next={path}")
    await page.get_by_label("Token").fill(console.token)
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_role("button", name="Pause")).to_be_visible()


async def test_a_failed_shipment_is_found_copied_and_synchronised(page: Page, console: Console) -> None:
    await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    amazon = await add_account(console.world.pool, console.shop_id)
    for number in (1, 2, 3):
        await add_shipment(console.world.pool, amazon, number, **(FAILED if number > 1 else {}))
    await _open(page, console, "/shipments")
    rows = page.locator("tbody tr")
    await expect(rows).to_have_count(3)
    await page.get_by_text("Failed", exact=True).first.click()
    await expect(page).to_have_url(f"{console.address}/shipments?state=failed")
    await expect(rows).to_have_count(2)
    await page.get_by_role("link", name="#1003", exact=True).click()
    dialog = page.get_by_role("dialog", name="Details")
    await expect(dialog.get_by_role("heading", name="Requires shipment synchronization")).to_be_visible()
    await expect(page).to_have_url(re.compile(r"/shipments/[0-9a-f-]{36}$"))
    await dialog.get_by_role("button", name="Copy Tracking ID").click()
    assert await page.evaluate("navigator.clipboard.readText()") == "UA000000003SE"
    await page.keyboard.press("Escape")
    await expect(page).to_have_url(f"{console.address}/shipments?state=failed")
    await page.get_by_label("Tick all shipments of this page").check()
    await page.get_by_role("link", name="Update").click()
    await expect(page.get_by_label("Tick the shipment of order #1002")).to_be_checked()
    await page.get_by_label("Ticked shipments").get_by_role("button", name="Synchronise").click()
    await page.get_by_role("button", name="Synchronise 2 shipments").click()
    await expect(
        page.get_by_text("The message broker does not answer, so nothing was started")
    ).to_be_visible()


async def test_charts_of_a_connection_are_drawn(page: Page, console: Console) -> None:
    ebay = await add_account(console.world.pool, console.shop_id, "ebay", "eBay", uses="trading")
    facts: dict[str, Any] = {
        "api": "eBay",
        "method": "GET",
        "url": "http://x.example",
        "started_at": utc_now(),
    }
    calls = [Call(**facts, duration_ms=90, category=Api.TRADING, status=status) for status in (200, 503, 503)]
    task = {"type": TaskType.CHECK_ACCOUNT, "shop_id": console.shop_id, "account_id": ebay}
    await console.world.record([transition(**task, state=State.SUCCEEDED, detail=Detail(calls=calls))])
    await console.world.say_recorded_until(utc_now())
    await _open(page, console, "/connections")
    part = page.get_by_role("article", name="Trading API")
    await expect(part.locator("canvas")).to_have_count(2)
    await page.get_by_role("link", name="24 hours").click()
    await expect(page).to_have_url(f"{console.address}/connections/{ebay}?hours=24")
    await expect(part.locator("canvas")).to_have_count(2)
    await expect(page.get_by_role("link", name="24 hours")).to_have_attribute("aria-current", "true")
