"""A page that stays open all day: refreshed over and over, it does not grow and forgets nothing.

`SOAK_MINUTES=30` has it last so long, refreshed every five seconds; `-s` shows the page's size each minute.
"""

import asyncio
import os

import pytest
import structlog
from playwright.async_api import CDPSession, Page, expect

from shared.envelope import State
from tests.browser.running import Console, sign_in

pytestmark = pytest.mark.browser
log = structlog.get_logger()

REFRESHES = 60
NEW_TASKS = 20
LASTING_S = 60 * float(os.environ.get("SOAK_MINUTES", "0"))
PACE_S = 5
SIZES = ("Nodes", "JSEventListeners", "JSHeapUsedSize")
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
    await page.locator(f"#task-{ticked.id} [type=checkbox]").check()
    measured = await page.context.new_cdp_session(page)
    await measured.send("Performance.enable")
    for _ in range(5):
        await page.evaluate(FRESH)
    before = await _size(measured)
    n_refreshes = max(REFRESHES, int(LASTING_S / PACE_S))
    for n in range(n_refreshes):
        if n % (n_refreshes // NEW_TASKS) == 0:
            await console.world.record_task(State.SUCCEEDED, shop_id=console.shop_id)
        await page.evaluate(FRESH)
        if LASTING_S:
            await _told_each_minute(measured, n)
    after = await _size(measured)
    await expect(page.locator(f"#task-{ticked.id} [type=checkbox]")).to_be_checked()
    await expect(page.locator("[data-selected-count]")).to_have_text("1")
    assert after["Nodes"] <= before["Nodes"] * 1.1
    assert after["JSEventListeners"] <= before["JSEventListeners"] * 1.1
    assert after["JSHeapUsedSize"] <= before["JSHeapUsedSize"] * 1.3


async def _told_each_minute(measured: CDPSession, n: int) -> None:
    if n * PACE_S % 60 == 0:
        found = await _size(measured)
        log.info("page_size", minute=n * PACE_S // 60, **{name: int(found[name]) for name in SIZES})
    await asyncio.sleep(PACE_S)


async def _size(measured: CDPSession) -> dict[str, float]:
    await measured.send("HeapProfiler.collectGarbage")
    found = await measured.send("Performance.getMetrics")
    return {one["name"]: one["value"] for one in found["metrics"]}
