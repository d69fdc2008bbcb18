"""The console in a real browser."""

import re

import pytest
from playwright.async_api import Locator, Page, expect

from shared.envelope import State, utc_now
from shared.tasks import TaskType
from tests.browser.running import Console, sign_in
from tests.factories import header
from tests.integration.recorder.histories import FAILURE, life

pytestmark = pytest.mark.browser

PANELS_OUTSIDE = """() => [...document.querySelectorAll(".drop")].filter(drop => {
    drop.open = true;
    const { left, right } = drop.querySelector(".drop-panel").getBoundingClientRect();
    drop.open = false;
    return left < 0 || right > innerWidth;
}).map(drop => drop.id)"""
MAKE_DUE = "Date.now = (now => () => now() + 31_000)(Date.now)"


async def test_sign_in_counters_and_a_task_in_detail(page: Page, console: Console) -> None:
    await console.world.record_task(
        State.FAILED, shop_id=console.shop_id, order_number="#1042", type=TaskType.SYNC_ORDER
    )
    for _ in range(3):
        await console.world.record_task(State.SUCCEEDED, shop_id=console.shop_id)
    await console.world.say_recorded_until(utc_now())
    await sign_in(page, console)
    counters = page.get_by_label("Counters")
    for name, number in (
        ("Total jobs today", "4"),
        ("Succeeded 24 h", "3"),
        ("Failed 24 h", "1"),
        ("Processing now", "0"),
    ):
        await expect(counters.get_by_role("link", name=re.compile(f"^{name} {number} "))).to_be_visible()
    await expect(page.get_by_text("Complete up to")).to_be_visible()
    await counters.get_by_role("link", name=re.compile("^Failed")).click()
    await expect(page).to_have_url(f"{console.address}/?state=failed")
    await expect(page.locator("tbody tr")).to_have_count(1)
    await page.get_by_role("link", name="SyncOrder").click()
    await expect(page.get_by_role("heading", name="SyncOrder #1042")).to_be_visible()
    await expect(page.get_by_text(FAILURE.remedy)).to_be_visible()
    for title in ("Job information", "Timeline", "Data"):
        await expect(page.get_by_role("heading", name=title)).to_be_visible()
    async with page.expect_download() as download:
        await page.get_by_role("link", name="Download the exact bytes").click()
    assert (await (await download.value).path()).read_bytes() == b'{"id": 1}'
    await expect(page).to_have_url(re.compile("/tasks/"))
    await page.keyboard.press("Escape")
    await expect(page).to_have_url(f"{console.address}/?state=failed")
    await page.get_by_role("button", name="Sign out").click()
    await expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


async def test_filters_are_applied_at_once_and_stand_in_the_address(page: Page, console: Console) -> None:
    await console.world.record_task(State.FAILED, shop_id=console.shop_id)
    await console.world.record_task(State.SUCCEEDED, shop_id=console.shop_id)
    await sign_in(page, console)
    await expect(page.locator("tbody tr")).to_have_count(2)
    await page.locator(".chip", has_text="Succeeded").click()
    await expect(page).to_have_url(f"{console.address}/?state=succeeded")
    await expect(page.locator("tbody tr")).to_have_count(1)
    await page.locator("summary", has_text="Type").click()
    await page.get_by_label("SyncOrder", exact=True).check()
    await expect(page).to_have_url(f"{console.address}/?state=succeeded&type=SyncOrder")
    await expect(page.get_by_text("No task matches these filters")).to_be_visible()
    await page.keyboard.press("Escape")
    await page.get_by_role("link", name="Clear the filters").click()
    await expect(page.locator("tbody tr")).to_have_count(2)


async def test_what_is_not_answered_is_said_and_asked_for_again(page: Page, console: Console) -> None:
    await console.world.record_task(State.FAILED, shop_id=console.shop_id)
    assert page.context.browser is not None
    context = await page.context.browser.new_context()
    cut_off = await context.new_page()
    await sign_in(cut_off, console)
    await context.set_offline(True)
    await cut_off.locator(".chip", has_text="Succeeded").click()
    said = cut_off.get_by_role("alert")
    await expect(said).to_contain_text("The server did not answer")
    await context.set_offline(False)
    await said.get_by_role("link", name="Try again").click()
    await expect(cut_off).to_have_url(f"{console.address}/?state=succeeded")
    await expect(said).to_be_hidden()
    await context.close()


async def test_time_is_travelled_by_keyboard(page: Page, console: Console) -> None:
    await console.world.record_task(State.FAILED, shop_id=console.shop_id)
    await sign_in(page, console)
    await page.locator("summary", has_text="Time travel").press("Enter")
    slider = page.get_by_label("The board as it was")
    await slider.press("ArrowLeft")
    await expect(page).to_have_url(re.compile("as_of="))
    await expect(page.get_by_text("There were no tasks yet then")).to_be_visible()
    await expect(slider).to_be_focused()
    await expect(slider).to_have_value(re.compile("-(5|10)"))
    await slider.press("End")
    await expect(page).to_have_url(f"{console.address}/")
    await expect(page.locator("tbody tr")).to_have_count(1)


async def test_the_refresh_keeps_focus_scroll_selection_and_open_parts(page: Page, console: Console) -> None:
    tasks = [await console.world.record_task(State.PROCESSING, shop_id=console.shop_id) for _ in range(40)]
    await sign_in(page, console)
    await page.locator("tbody .task-link").nth(20).focus()
    await page.locator("summary", has_text="More filters").evaluate("drop => drop.click()")
    await page.evaluate(
        "getSelection().selectAllChildren(document.querySelectorAll('td .id, td .state')[25])"
    )
    await page.evaluate("scrollTo(0, 700)")
    marked = """() => [document.activeElement.href, String(getSelection()),
                       document.querySelectorAll("details[open]").length]"""
    before = await page.evaluate(marked)
    row = page.locator(f"#task-{tasks[-21].id}")  # the one with the focus, in the middle of what is seen
    place = await _top_of(row)
    newer = await console.world.record_task(State.SUCCEEDED, shop_id=console.shop_id)
    await page.evaluate(MAKE_DUE)
    await expect(page.locator(f"#task-{newer.id}")).to_have_count(1)
    assert await page.evaluate(marked) == before
    assert before[1] == "Processing"
    assert abs(await _top_of(row) - place) <= 1, "half a pixel is rounding"
    await expect(page.locator("[data-updated]")).to_have_text(re.compile(r"updated (now|\d+ s ago)"))


async def _top_of(row: Locator) -> float:
    box = await row.bounding_box()
    assert box is not None
    return box["y"]


async def test_the_refresh_can_be_paused(page: Page, console: Console) -> None:
    await sign_in(page, console)
    await page.get_by_role("button", name="Pause").click()
    await expect(page.locator("[data-updated]")).to_have_text(re.compile("paused"))
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    await page.evaluate(MAKE_DUE)
    await expect(page.locator("[data-updated]")).to_have_text(re.compile(r"updated 3\d s ago, paused"))
    assert asked == []
    async with page.expect_response(f"{console.address}/"):
        await page.get_by_role("button", name="Resume").click()


async def test_a_task_is_followed_to_its_end(page: Page, console: Console) -> None:
    story = life(header(shop_id=console.shop_id), [State.SUCCEEDED])
    await console.world.record(story[:2])
    await sign_in(page, console)
    await page.locator("tbody .task-link").click()
    await expect(page.locator(".task-title .state")).to_have_text("Processing")
    await console.world.record(story[2:])
    await page.evaluate(MAKE_DUE)
    await expect(page.locator(".task-title .state")).to_have_text("Succeeded")
    await expect(page.locator(".timeline li")).to_have_count(3)


async def test_neither_long_ids_nor_open_panels_leave_the_window(page: Page, console: Console) -> None:
    task = await console.world.record_task(State.FAILED, shop_id=console.shop_id, source_id="9" * 60)
    await sign_in(page, console)
    for path in ("/", f"/tasks/{task.id}"):
        await page.goto(console.address + path)
        for width in (1440, 1024, 390):
            await page.set_viewport_size({"width": width, "height": 800})
            assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (path, width)
    await page.goto(console.address)
    for width in (1440, 1024, 390):
        await page.set_viewport_size({"width": width, "height": 800})
        assert await page.evaluate(PANELS_OUTSIDE) == [], width


async def test_everything_can_be_read_without_a_script(page: Page, console: Console) -> None:
    browser = page.context.browser
    assert browser is not None
    await console.world.record_task(State.FAILED, shop_id=console.shop_id)
    context = await browser.new_context(java_script_enabled=False)
    plain = await context.new_page()
    await sign_in(plain, console, has_scripts=False)
    await plain.locator(".chip", has_text="Failed").click()
    await plain.get_by_role("button", name="Apply").click()
    await expect(plain).to_have_url(re.compile("state=failed"))
    await plain.locator("summary", has_text="Time travel").click()
    await plain.get_by_label("The board as it was").press("ArrowLeft")
    await plain.get_by_role("button", name="Show", exact=True).click()
    await expect(plain).to_have_url(re.compile("as_of="))
    await plain.get_by_role("link", name="Back to now").first.click()
    await plain.locator("tbody .task-link").click()
    await expect(plain.get_by_text(FAILURE.remedy)).to_be_visible()
    await context.close()
