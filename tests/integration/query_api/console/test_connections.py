"""The page of connections: lights with reasons, their past, and what can not be told."""

import json
import re
from datetime import timedelta
from html import unescape

import pytest

from query_api.auth import Role
from query_api.repository import api_health
from shared.envelope import utc_now
from shared.tasks import Api as Part
from tests.integration.query_api.test_connections import account, called
from tests.integration.query_api.test_connections import told as told_of_log
from tests.integration.query_api.visiting import SAME_ORIGIN, Visitor, sign_in, text_of, told, visiting
from tests.integration.query_api.world import World


async def test_the_account_that_needs_somebody_most_is_shown_with_its_lights(
    world: World, shop: int, visitor: Visitor
) -> None:
    await account(world, shop, "engage")
    ebay = await account(world, shop, "ebay", uses="trading")
    await called(world, ebay, *[None] * 6, category=Part.TRADING)
    await called(world, ebay, 200, 200, 503, category=Part.ORDERS, duration_ms=80)
    await told_of_log(world)
    page = await text_of(visitor, "/connections")
    assert "1 unavailable" in page
    assert "1 unknown" in page
    assert "ebay one Unavailable eBay of one.example" in page
    assert "Trading API Unavailable Unavailable: the last 6 calls all failed" in page
    assert "Products API Unknown Unknown: it has not run for 10 minutes" in page
    assert "Writeback API Unknown" in page
    assert re.search(r"Orders API \w+ 1 of 3 calls failed in the last 10 minutes.* Error rate 33%", page)
    assert "Last error, just now" in page
    for word in ("Green", "Yellow", "Red", "None"):
        assert word in page


async def test_charts_hold_the_past_and_the_changes_are_told(
    world: World, shop: int, visitor: Visitor
) -> None:
    engage = await account(world, shop)
    now = utc_now()
    for ago, statuses in ((40, [200] * 6), (20, [503] * 6), (0, [200] * 6)):
        await called(world, engage, *statuses, at=now - timedelta(minutes=ago))
    await told_of_log(world)
    answer = await visitor.get(f"/connections/{engage}")
    errors, latency = (
        json.loads(unescape(text)) for text in re.findall(r'data-chart="([^"]*)"', answer.text)
    )
    assert [len(chart["rows"]) for chart in (errors, latency)] == [61, 61]
    assert [row[1] for row in errors["rows"] if row[1] is not None] == [0, 100, 0]
    assert all(100 < row[2] <= 250 for row in latency["rows"] if row[1] is not None)
    page = await text_of(visitor, f"/connections/{engage}")
    assert "Changes in the last hour" in page
    assert "Unavailable: the last 6 calls all failed" in page
    week = await visitor.get(f"/connections/{engage}?hours=168")
    (first, *_) = re.findall(r'data-chart="([^"]*)"', week.text)
    assert len(json.loads(unescape(first))["rows"]) == 169
    assert f'href="/connections/{engage}?hours=24"' in week.text


async def test_what_can_not_be_read_is_said_and_the_rest_is_shown(
    world: World, shop: int, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    engage = await account(world, shop)
    await called(world, engage, 200)
    await told_of_log(world)
    monkeypatch.setattr(api_health, "PATIENCE_MS", 100)
    async with world.pool.acquire() as other, other.transaction():
        await other.execute("LOCK TABLE ledger.api_calls IN ACCESS EXCLUSIVE MODE")
        page = await text_of(visitor, "/connections")
    assert "engage one Unknown" in page
    assert "Contacts API Unknown Error reading API status" in page
    assert "its past could not be read" in page
    assert "Contacts API Normal" in await text_of(visitor, "/connections")


async def test_a_log_that_stands_still_tells_nothing_of_now(
    world: World, shop: int, visitor: Visitor
) -> None:
    engage = await account(world, shop)
    await called(world, engage, 200, at=utc_now() - timedelta(hours=3))
    await told_of_log(world, utc_now() - timedelta(hours=3))
    page = await text_of(visitor, f"/connections/{engage}?hours=168")
    assert "Error reading API status" in page
    assert "Error rate, %" in page


async def test_why_an_account_waits_is_said(world: World, shop: int, visitor: Visitor) -> None:
    engage = await account(world, shop)
    await world.pool.execute("UPDATE store.accounts SET problem = 'Engage refuses the key.'")
    await world.pool.execute(
        "INSERT INTO store.throttles VALUES ($1, now() + interval '1 hour', 'refused', true)", engage
    )
    await told_of_log(world)
    page = await text_of(visitor, "/connections")
    assert "Engage refuses the key. Its tasks wait until credentials are entered that work" in page
    assert "credentials refused" in page
    await world.pool.execute("UPDATE store.accounts SET problem = NULL")
    await world.pool.execute("UPDATE store.throttles SET is_hold = false, reason = 'it is down'")
    assert re.search(
        r"Its tasks wait until 20\S+ \S+ UTC ?: it is down", await text_of(visitor, "/connections")
    )


async def test_connections_are_those_of_ones_shops(world: World, shop: int) -> None:
    other = await world.add_shop("two")
    own, foreign = await account(world, shop), await account(world, other, "shopify")
    await told_of_log(world)
    async with visiting(world) as client:
        await sign_in(client, await world.token(Role.VIEWER, shop_ids=[shop]))
        page = await client.get("/connections")
        assert "engage one" in page.text
        assert "two.example" not in page.text
        assert "Try now" not in page.text
        theirs = await client.get(f"/connections/{foreign}")
        none = await client.get("/connections/987654")
        assert (theirs.status_code, theirs.text) == (none.status_code, none.text)
        assert theirs.status_code == 404
        assert (await client.post(f"/connections/{own}/update", headers=SAME_ORIGIN)).status_code == 403


async def test_many_shops_can_be_narrowed_to_one(world: World, shop: int, visitor: Visitor) -> None:
    await account(world, shop)
    await account(world, await world.add_shop("two"), "shopify")
    await told_of_log(world)
    assert "shopify one" in await text_of(visitor, "/connections")
    page = (await visitor.get("/connections?shop=one.example")).text
    assert "shopify one" not in page
    assert "/connections/1?shop=one.example" in page
    await text_of(visitor, "/connections?shop=nowhere.example", 400)


async def test_without_accounts_it_says_what_to_do(visitor: Visitor) -> None:
    assert "No account is called yet" in await text_of(visitor, "/connections")


async def test_a_trial_that_can_not_be_started_is_told(world: World, shop: int, visitor: Visitor) -> None:
    """There is no broker here."""
    engage = await account(world, shop)
    await told_of_log(world)
    said = await told(visitor, f"/connections/{engage}/update")
    assert "so nothing was started" in said
    answer = await visitor.post(f"/connections/{engage}/update", headers=SAME_ORIGIN)
    assert answer.status_code == 403
