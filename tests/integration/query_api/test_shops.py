"""Shops are added by administrators of all shops, and known again."""

from typing import Any

import pytest

from query_api.auth import Role
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


async def test_what_is_left_out_of_a_change_stays(world: World, api: Api) -> None:
    await _put(api)
    answer = await api.client.patch("/api/v1/shops/New.Example", json={"timezone": "Europe/Paris"})
    assert answer.status_code == 200, answer.text
    shop = answer.json()["shop"]
    assert (shop["name"], shop["email"], shop["timezone"]) == ("New", "owner@new.example", "Europe/Paris")
    assert (shop["webhook_secrets"], shop["payload_days"]) == (1, None)
    assert (await api.get("/shops/new.example"))["shop"] == shop


async def test_a_new_secret_comes_beside_the_earlier_ones_or_instead_of_them(world: World, api: Api) -> None:
    await _put(api)

    async def accepted(**body: Any) -> list[bytes]:
        answer = await api.client.patch("/api/v1/shops/new.example", json=body)
        assert answer.status_code == 200, answer.text
        secrets = await world.pool.fetchval("SELECT webhook_secrets FROM store.shops")
        assert answer.json()["shop"]["webhook_secrets"] == len(secrets)
        assert "shpss" not in answer.text
        return [world.vault.open(secret) for secret in secrets]

    assert await accepted(webhook_secret="shpss_2") == [b"shpss_2", b"shpss_1"]
    assert await accepted(webhook_secret="shpss_3", keep_earlier_secrets=False) == [b"shpss_3"]
    deeds = await world.pool.fetch("SELECT action, subject, detail FROM admin.audit_log ORDER BY id")
    assert [(deed["action"], deed["subject"]) for deed in deeds[1:]] == [("shop.update", "new.example")] * 2
    assert "shpss" not in str(deeds)


async def test_viewers_do_not_see_the_address_of_the_owner(world: World, shop: int) -> None:
    async with world.reader(Role.VIEWER) as viewer:
        assert (await viewer.get("/shops/one.example"))["shop"]["email"] is None
