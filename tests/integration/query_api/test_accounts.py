"""Accounts: connected, shown without their secrets, changed and refused with the field's name."""

from typing import Any

import httpx
import orjson
import pytest

from query_api.auth import Role
from tests.integration.query_api.supplying import example, new_account
from tests.integration.query_api.world import Api, World

PATH = "/api/v1/accounts"


async def connected(api: Api, **changes: Any) -> dict[str, Any]:
    answer = await api.client.post(PATH, json=new_account(**changes))
    assert answer.status_code == 201, answer.text
    account: dict[str, Any] = answer.json()["account"]
    return account


def faults(answer: httpx.Response) -> dict[str, str]:
    assert answer.status_code == 400, answer.text
    return {fault["field"]: fault["message"] for fault in answer.json()["errors"]}


async def test_a_supplier_is_connected_and_its_tokens_never_come_out(
    world: World, shop: int, api: Api
) -> None:
    account = await connected(api)
    assert (account["name"], account["kind"], account["shop"]) == (
        "Gate4cards - Primary",
        "supplier",
        "one.example",
    )
    assert (account["base_url"], account["credentials"]) == ("https://api.supplier.example", ["token"])
    assert account["settings"] == example()
    (row,) = await world.pool.fetch("SELECT * FROM store.accounts")
    assert orjson.loads(world.vault.open(row["credentials"])) == {"token": "secret-one"}
    for path in ("/accounts", f"/accounts/{account['id']}"):
        assert "secret-one" not in str(await api.get(path))


async def test_accounts_are_listed_by_shop_and_kind(world: World, shop: int, api: Api) -> None:
    await world.add_shop("two")
    await connected(api)
    await connected(api, shop="two.example")
    await connected(api, kind="engage", name="CRM", credentials={"api_key": "k"}, settings={})
    listed = (await api.get("/accounts"))["accounts"]
    assert [(account["shop"], account["kind"]) for account in listed] == [
        ("one.example", "engage"),
        ("one.example", "supplier"),
        ("two.example", "supplier"),
    ]
    assert len((await api.get("/accounts", shop="one.example", kind="supplier"))["accounts"]) == 1
    async with world.reader(Role.VIEWER, shop_ids=[shop]) as scoped:
        assert len((await scoped.get("/accounts"))["accounts"]) == 2
        assert (await scoped.problem(f"/accounts/{listed[2]['id']}"))["status"] == 404


async def test_what_can_not_be_used_is_named_field_by_field(shop: int, api: Api) -> None:
    settings = example(order_status_interval_minutes=0, auto_publish_orders=True)
    settings["format"]["products"]["items"] = "items"
    settings["format"]["place_order"]["body"]["x"] = "nummer"
    wrong = new_account(settings=settings, credentials={"tokken": "x"})
    found = faults(await api.client.post(PATH, json=wrong))
    assert found.keys() == {
        "credentials.token",
        "credentials.tokken",
        "settings.order_status_interval_minutes",
        "settings.auto_publish_orders",
        "settings.format.products.items",
        "settings.format.place_order.body.x",
    }
    assert found["settings.format.products.items"].startswith("'items' names no elements: it ends with []")


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"kind": "telex"}, "kind", "is not one of engage, shopify, supplier"),
        ({"base_url": "supplier.example"}, "base_url", "is no address"),
        ({"base_url": "https://user:pass@supplier.example"}, "base_url", "holds a user or password"),
        ({"base_url": None}, "base_url", "The endpoint is missing"),
        ({"credentials": {"token": "line\nbreak"}}, "credentials.token", "can not stand in a header"),
        ({"settings": example("trinavo")}, "credentials.token2", "is missing"),
        ({"shop": "no.example"}, "shop", "is not a shop this token may see"),
        ({"kind": "shopify", "settings": {}}, "credentials.access_token", "is missing"),
        (
            {"kind": "standard", "settings": {}, "credentials": {"webhook_secret": ["short"]}},
            "credentials.webhook_secret",
            "24 to 64 bytes",
        ),
    ],
    ids=str,
)
async def test_each_mistake_names_its_field(
    shop: int, api: Api, changes: dict[str, Any], field: str, words: str
) -> None:
    found = faults(await api.client.post(PATH, json=new_account(**changes)))
    assert words in found[field]


async def test_a_kind_that_is_never_called_needs_no_address(shop: int, api: Api) -> None:
    account = await connected(
        api,
        kind="woocommerce",
        base_url=None,
        credentials={"webhook_secret": ["first", "second"]},
        settings={},
    )
    assert account["base_url"] == "https://one.example"


async def test_options_are_changed_one_by_one_and_secrets_stay(world: World, shop: int, api: Api) -> None:
    account = await connected(api)
    await world.pool.execute("UPDATE store.accounts SET problem = 'refused'")
    change = {"settings": {"auto_publish_order": False, "retry_policy": "patient"}}
    answer = await api.client.patch(f"{PATH}/{account['id']}", json=change)
    assert answer.status_code == 200, answer.text
    changed = answer.json()["account"]
    assert changed["settings"] == example(auto_publish_order=False, retry_policy="patient")
    assert (changed["problem"], changed["credentials"]) == (None, ["token"])
    credentials = {"credentials": {"token2": "secret-two"}, "settings": {"retry_policy": None}}
    answer = await api.client.patch(f"{PATH}/{account['id']}", json=credentials)
    assert answer.json()["account"]["credentials"] == ["token", "token2"]
    assert "retry_policy" not in answer.json()["account"]["settings"]


async def test_a_change_that_would_not_work_changes_nothing(shop: int, api: Api) -> None:
    account = await connected(api)
    address = f"{PATH}/{account['id']}"
    wrong = {"name": "New", "settings": {"product_data_interval_minutes": -1}}
    assert faults(await api.client.patch(address, json=wrong)).keys() == {
        "settings.product_data_interval_minutes"
    }
    assert faults(await api.client.patch(address, json={"credentials": {"token": None}})).keys() == {
        "credentials.token"
    }
    assert (await api.get(f"/accounts/{account['id']}"))["account"]["name"] == "Gate4cards - Primary"


async def test_names_are_unique_within_shop_and_kind(shop: int, api: Api) -> None:
    await connected(api)
    assert (await api.client.post(PATH, json=new_account())).status_code == 409
    other = await connected(api, name="Second")
    taken = await api.client.patch(f"{PATH}/{other['id']}", json={"name": "Gate4cards - Primary"})
    assert (taken.status_code, taken.json()["errors"][0]["field"]) == (409, "name")


async def test_only_administrators_change_accounts_and_only_of_their_shops(
    world: World, shop: int, api: Api
) -> None:
    account = await connected(api)
    other_shop = await world.add_shop("two")
    async with world.reader(Role.OPERATOR) as operator:
        assert (await operator.client.post(PATH, json=new_account())).status_code == 403
        answer = await operator.client.patch(f"{PATH}/{account['id']}", json={"is_active": False})
        assert answer.status_code == 403
    async with world.reader(Role.ADMIN, shop_ids=[other_shop]) as elsewhere:
        answer = await elsewhere.client.patch(f"{PATH}/{account['id']}", json={"is_active": False})
        assert answer.status_code == 404
        assert (await elsewhere.client.post(PATH, json=new_account())).status_code == 400


async def test_credentials_nobody_can_open_are_said_to_be_so(world: World, shop: int, api: Api) -> None:
    account = await connected(api)
    await world.pool.execute("UPDATE store.accounts SET credentials = 'garbage'")
    assert (await api.get(f"/accounts/{account['id']}"))["account"]["credentials"] is None


async def test_a_pause_shows_until_it_is_over(world: World, shop: int, api: Api) -> None:
    account = await connected(api)
    for ahead, is_shown in (("1 hour", True), ("-1 hour", False)):
        await world.pool.execute(
            "INSERT INTO store.throttles VALUES ($1, now() + $2::text::interval, 'r') "
            "ON CONFLICT (account_id) DO UPDATE SET paused_until = excluded.paused_until",
            int(account["id"]),
            ahead,
        )
        shown = (await api.get(f"/accounts/{account['id']}"))["account"]["paused_until"]
        assert (shown is not None) is is_shown
