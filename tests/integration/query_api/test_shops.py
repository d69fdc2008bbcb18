"""Shops are added by administrators of all shops, and known again."""

from typing import Any

import pytest

from tests.integration.query_api.world import Api, World

SHOP = {
    "domain": "New.Example",
    "name": "New",
    "email": "owner@new.example",
    "timezone": "Europe/Stockholm",
    "webhook_secret": "shpss_1",
}


async def _put(api: Api, **changes: Any) -> dict[str, Any]:
    answer = await api.client.post("/api/v1/shops", json=SHOP | changes)
    assert answer.status_code == 201, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def test_a_shop_is_added_once_and_known_again(world: World, api: Api) -> None:
    made = await _put(api)
    assert (made["is_new"], made["shop"]["domain"]) == (True, "new.example")
    await world.pool.execute("UPDATE store.shops SET is_active = false")
    again = await _put(api, name="Newer", webhook_secret="shpss_2")
    assert (again["is_new"], again["shop"]["name"], again["shop"]["is_active"]) == (False, "Newer", True)
    assert again["shop"]["id"] == made["shop"]["id"]
    row = await world.pool.fetchrow("SELECT email, webhook_secrets FROM store.shops")
    assert row is not None
    assert row["email"] == "owner@new.example"
    assert [world.vault.open(secret) for secret in row["webhook_secrets"]] == [b"shpss_2", b"shpss_1"]
    deeds = await world.pool.fetch("SELECT action, shop_id, detail FROM admin.audit_log ORDER BY id")
    assert [(deed["action"], deed["detail"]["is_new"]) for deed in deeds] == [
        ("shop.put", True),
        ("shop.put", False),
    ]
    assert "shpss" not in str(deeds)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"domain": "no domain"}, "domain"),
        ({"domain": "https://a.example/"}, "domain"),
        ({"name": " "}, "name"),
        ({"email": "nobody"}, "email"),
        ({"timezone": "Mars"}, "timezone"),
        ({"webhook_secret": " "}, "webhook_secret"),
        ({"colour": "red"}, "colour"),
    ],
    ids=str,
)
async def test_what_is_wrong_with_a_shop_is_named(api: Api, changes: dict[str, str], field: str) -> None:
    answer = await api.client.post("/api/v1/shops", json=SHOP | changes)
    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == [field]


async def test_who_sees_some_shops_only_adds_none(world: World, shop: int) -> None:
    async with world.reader(shop_ids=[shop]) as scoped:
        answer = await scoped.client.post("/api/v1/shops", json=SHOP)
    assert answer.status_code == 403
