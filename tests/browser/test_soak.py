"""A page that stays open all day: refreshed over and over, it does not grow and forgets nothing."""

import pytest
from playwright.async_api import CDPSession, Page, expect

from shared.envelope import State
from tests.browser.running import Console, sign_in

pytestmark = pytest.mark.browser

REFRESHES = 60
FRESH = """async () => {
    const main = document.querySelector("script[type=module]").src;
    const { refresh } = await import(main.replace("main.js", "refresh.js"));
    await refresh();
}"""


async def test_sixty_refreshes_leave_the_page_as_large_as_it_was(page: Page, console: Console) -> None:
    for _ in range(60):
        await console.world.record_task(State.SUCCEEDED, shop_id=console.shop_id)
    ticked = await console.world.record_task(State.FAILED, shop_id=console.shop_id)
    await sign_in(page, console)
    await page.locator(f"#task-{ticked.id} input").check()
    measured = await page.context.new_cdp_session(page)
    await measured.send("Performance.enable")
    for _ in range(5):
        await page.evaluate(FRESH)
    before = await _size(measured)
    for n in range(REFRESHES):
        if n % 3 == 0:
            await console.world.record_task(State.SUCCEEDED, shop_id=console.shop_id)
        await page.evaluate(FRESH)
    after = await _size(measured)
    await expect(page.locator(f"#task-{ticked.id} input")).to_be_checked()
    await expect(page.locator("[data-selected-count]")).to_have_text("1")
    assert after["Nodes"] <= before["Nodes"] * 1.1
    assert after["JSEventListeners"] <= before["JSEventListeners"] * 1.1
    assert after["JSHeapUsedSize"] <= before["JSHeapUsedSize"] * 1.3


async def _size(measured: CDPSession) -> dict[str, float]:
    await measured.send("HeapProfiler.collectGarbage")
    found = await measured.send("Performance.getMetrics")
    return {one["name"]: one["value"] for one in found["metrics"]}
