"""Refused deliveries: listed with their reason and what to do, to those who may see their shop."""

import pytest

from query_api.auth import Role
from shared.envelope import utc_now
from tests.integration.query_api.visiting import Visitor, text_of
from tests.integration.query_api.world import Api, World, ago

MINE, THEIRS = "one.example", "two.example"


@pytest.fixture(autouse=True)
async def refused(world: World, shop: int) -> None:
    await world.add_shop("two")
    for domain, minutes, reason in (
        (MINE, 125, "bad_signature"),
        (MINE, 5, "bad_signature"),
        (THEIRS, 3, "too_large"),
        (None, 1, "of_tomorrow"),
    ):
        await world.pool.execute(
            "INSERT INTO ingest.rejections (source, shop_domain, topic, reason, n, first_at, last_at) "
            "VALUES ('shopify', $1, 'orders/create', $2, 7, $3, $3)",
            *(domain, reason, ago(minutes=minutes)),
        )


async def test_they_are_listed_newest_first(world: World, shop: int, api: Api) -> None:
    found = (await api.get("/rejections"))["rejections"]
    assert [(entry["shop"], entry["count"]) for entry in found] == [
        *((None, 7), (THEIRS, 7), (MINE, 7), (MINE, 7)),
    ]
    assert len((await api.get("/rejections", limit=1))["rejections"]) == 1
    async with world.reader(Role.VIEWER, shop_ids=[shop]) as scoped:
        assert {entry["shop"] for entry in (await scoped.get("/rejections"))["rejections"]} == {MINE}


async def test_equal_ones_are_one_kind_that_says_what_to_do(world: World, shop: int, api: Api) -> None:
    answer = await api.get("/rejections/kinds")
    assert [(kind["shop"], kind["count"]) for kind in answer["kinds"]] == [(None, 7), (THEIRS, 7), (MINE, 14)]
    assert not answer["is_cut"]
    unforeseen, too_large, unsigned = answer["kinds"]
    assert unforeseen["title"] == "Of tomorrow"
    assert "include_fields" in too_large["remedy"]
    assert (unsigned["title"], "secret" in unsigned["remedy"]) == ("The signature is wrong", True)
    assert unsigned["first_at"] < unsigned["last_at"]
    await world.pool.execute(
        "UPDATE ingest.rejections SET last_at = $1 WHERE shop_domain = $2", ago(days=2), MINE
    )
    assert len((await api.get("/rejections/kinds", days=1))["kinds"]) == 2
    async with world.reader(Role.VIEWER, shop_ids=[shop]) as scoped:
        assert {kind["shop"] for kind in (await scoped.get("/rejections/kinds"))["kinds"]} == {MINE}


async def test_the_page_leads_to_the_secret(world: World, visitor: Visitor) -> None:
    await world.say_recorded_until(utc_now())
    text = await text_of(visitor, "/refused")
    for words in ("No shop was named", "The signature is wrong", "Deliveries 14", "What to do"):
        assert words in text
    assert f'href="/settings/shops/{MINE}"' in (await visitor.get("/refused")).text
    assert "The signature is wrong" not in await text_of(visitor, f"/refused?shop={THEIRS}")
    await world.pool.execute("TRUNCATE ingest.rejections")
    assert "Nothing was refused" in await text_of(visitor, "/refused?days=1")
    await text_of(visitor, "/refused?days=soon", 400)
