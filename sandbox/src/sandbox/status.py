"""Liveness, readiness and a plain page that says what this is."""

from html import escape

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from sandbox.answers import json_answer
from sandbox.shopify.app import ShopifyShop

_PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta http-equiv="refresh" content="5"><title>Sandbox</title>
<style>body {{ font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 46rem; padding: 0 1rem }}
table {{ border-collapse: collapse; margin: .5rem 0 1.5rem }} td {{ padding: .1rem 1.5rem .1rem 0 }}
td:last-child {{ text-align: right; font-variant-numeric: tabular-nums }}</style>
<h1>Sandbox</h1>
<p>The outside world of a demo or a test: nothing here is real, and nothing leaves this machine.</p>
{sections}
</html>"""


async def livez(_request: Request) -> Response:
    return json_answer({"status": "ok"})


async def show_page(request: Request) -> Response:
    engage, shops = request.app.state.engage, request.app.state.shops
    sections = [
        *(_shop_section(shop) for shop in shops.by_domain.values()),
        _section("Engage CRM, at /engage", {**engage.book.totals(), "requests": engage.journal.total}),
        _section("Faults in force", {_named(f): f["injected"] for f in request.app.state.faults.describe()}),
    ]
    return HTMLResponse(_PAGE.format(sections="\n".join(sections)))


def _shop_section(shop: ShopifyShop) -> str:
    rate = f"{shop.traffic.settings.rate} deliveries per second"
    held = {"customers": len(shop.records.customers), "orders": len(shop.records.orders)}
    return _section(
        f"Shopify shop {shop.sender.shop_domain}", {"traffic": rate, **held, **shop.ledger.describe()}
    )


def _named(fault: dict[str, object]) -> str:
    return f"{fault['fault']} on {fault['system']} {fault['route']} (p = {fault['probability']})"


def _section(title: str, numbers: dict[str, object]) -> str:
    rows = "".join(f"<tr><td>{escape(name)}<td>{escape(str(value))}" for name, value in numbers.items())
    return f"<h2>{escape(title)}</h2><table>{rows or '<tr><td>none'}</table>"


ROUTES = [
    Route("/", show_page, methods=["GET"]),
    Route("/livez", livez, methods=["GET"]),
    Route("/readyz", livez, methods=["GET"]),
]
