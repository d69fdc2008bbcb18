"""Suppliers and accounts in the console."""

import re
from html import unescape

from query_api.auth import Role
from tests.integration.query_api.supplying import new_account
from tests.integration.query_api.visiting import Visitor, seen, sign_in, submit, text_of, told, visiting
from tests.integration.query_api.world import Api, World


async def _supplier(api: Api) -> str:
    answer = await api.client.post("/api/v1/accounts", json=new_account(shop="one.example"))
    assert answer.status_code == 201, answer.text
    return str(answer.json()["account"]["id"])


async def test_a_supplier_is_shown_with_its_options_and_never_its_secrets(
    shop: int, api: Api, visitor: Visitor
) -> None:
    account_id = await _supplier(api)
    secret = new_account(shop="one.example")["credentials"]["token"]
    assert "Dropshipping supplier" in await text_of(visitor, "/accounts")
    for address in (f"/accounts/{account_id}", f"/accounts/{account_id}/edit"):
        page = (await visitor.get(address)).text
        assert secret not in page
        assert "Fetch All Products" in page or "Auto Publish Order" in page


async def test_options_are_changed_one_by_one_and_secrets_stay(shop: int, api: Api, visitor: Visitor) -> None:
    account_id = await _supplier(api)
    before = (await api.get(f"/accounts/{account_id}"))["account"]
    page = (await visitor.get(f"/accounts/{account_id}/edit")).text
    other = re.search(r"<textarea[^>]*>(.*?)</textarea>", page, re.DOTALL)
    assert other is not None
    fields = {"name": "Gate4cards - Second", "base_url": before["base_url"], "is_active": "on"}
    settings = unescape(other[1])
    said = await told(
        visitor,
        f"/accounts/{account_id}/edit",
        **fields,
        settings=settings,
        order_status_interval_minutes="45",
    )
    assert "The account is changed." in said
    after = (await api.get(f"/accounts/{account_id}"))["account"]
    assert (after["name"], after["settings"]["order_status_interval_minutes"]) == ("Gate4cards - Second", 45)
    assert after["credentials"] == before["credentials"]
    assert after["settings"]["format"] == before["settings"]["format"]
    assert not after["settings"].get("auto_publish_order")


async def test_what_can_not_be_used_is_said_beside_its_field(shop: int, api: Api, visitor: Visitor) -> None:
    account_id = await _supplier(api)
    answer = await submit(visitor, f"/accounts/{account_id}/edit", name="x", base_url="nowhere", settings="{")
    assert answer.status_code == 400
    assert "This is no JSON" in seen(answer)
    answer = await submit(
        visitor, "/accounts", kind="engage", shop="one.example", name="E", base_url="https://e.example"
    )
    assert "credentials.api_key: is missing" in seen(answer)
    assert 'value="https://e.example"' in answer.text, "what was entered is still there"


async def test_viewers_look_only(world: World, shop: int, api: Api) -> None:
    account_id = await _supplier(api)
    async with visiting(world) as viewer:
        await sign_in(viewer, await world.token(Role.VIEWER))
        page = await text_of(viewer, f"/accounts/{account_id}")
        assert "Edit" not in page
        assert "Test the connection" not in page
        await text_of(viewer, f"/accounts/{account_id}/edit", 403)
