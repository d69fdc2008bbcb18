"""Pictures of the console's pages: of the running stack, in light and dark, on a desk and on a phone."""

import json
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import BrowserContext, Page, sync_playwright
from rich.console import Console

from devstack.errors import StackError

PATIENCE_S = 60.0
SETTLING_MS = 1_200
PAGES = (
    ("tasks", "/"),
    ("failures", "/failures"),
    ("orders", "/orders"),
    ("statistics", "/statistics"),
    ("shipments", "/shipments"),
    ("imports", "/imports"),
    ("operations", "/operations"),
    ("connections", "/connections"),
    ("refused", "/refused"),
    ("alerts", "/alerts"),
    ("accounts", "/accounts"),
    ("settings", "/settings"),
)


@dataclass(frozen=True, slots=True)
class View:
    """How somebody looks at it."""

    name: str
    width: int
    height: int
    scheme: Literal["light", "dark"]


VIEWS = (
    View("light", 1440, 900, "light"),
    View("dark", 1440, 900, "dark"),
    View("phone", 390, 844, "light"),
)


def take_screenshots(stack: dict[str, Any], target: Path, chromium: str, console: Console) -> None:
    """Writes `<page>-<view>.png` for every page and view. Raises StackError when there is nothing to see."""
    target.mkdir(parents=True, exist_ok=True)
    task = _a_task(stack)
    pages = (
        *PAGES,
        ("task", f"/tasks/{task['id']}"),
        ("order", f"/orders/{task['order_number'].lstrip('#')}"),
    )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for view in VIEWS:
            context = browser.new_context(
                viewport={"width": view.width, "height": view.height}, color_scheme=view.scheme
            )
            for name in _pictures(context, stack, pages, target, view):
                console.print(name, markup=False)
            context.close()
        browser.close()


def _pictures(
    context: BrowserContext,
    stack: dict[str, Any],
    pages: tuple[tuple[str, str], ...],
    target: Path,
    view: View,
) -> Iterator[str]:
    page = context.new_page()
    _sign_in(page, stack)
    for name, address in pages:
        page.goto(stack["query_api_url"] + address)
        page.wait_for_timeout(SETTLING_MS)
        path = target / f"{name}-{view.name}.png"
        page.screenshot(path=path)
        yield str(path)


def _sign_in(page: Page, stack: dict[str, Any]) -> None:
    page.goto(stack["query_api_url"])
    page.get_by_label("Token").fill(stack["token"])
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_load_state()


def _a_task(stack: dict[str, Any]) -> dict[str, Any]:
    """One with an order, once there is one."""
    address = f"{stack['query_api_url']}/api/v1/tasks?type=SyncOrder&state=succeeded&limit=1"
    request = urllib.request.Request(address, headers={"Authorization": f"Bearer {stack['token']}"})
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        with urllib.request.urlopen(request, timeout=10) as answer:
            tasks: list[dict[str, Any]] = json.load(answer)["tasks"]
        if tasks:
            return tasks[0]
        time.sleep(1)
    raise StackError(
        "No order has been synced yet; is the demo traffic off? Pictures need something to show."
    )
