"""Shops, tokens and the audit log in the console."""

import re

from query_api.auth import Role
from tests.integration.query_api.visiting import Visitor, seen, sign_in, submit, text_of, told, visiting
from tests.integration.query_api.world import World


async def test_a_token_is_shown_once_used_and_revoked(world: World, shop: int, visitor: Visitor) -> None:
    answer = await submit(visitor, "/settings/tokens", name="warehouse", role="viewer", expires="2099-01-01")
    assert answer.status_code == 200
    secret = re.search(r"sl_[\w-]+", seen(answer))
    assert secret is not None
    assert secret[0] not in (await visitor.get("/settings/tokens")).text
    async with visiting(world) as other:
        await sign_in(other, secret[0])
        assert "warehouse" in await text_of(other, "/")
        page = (await visitor.get("/settings/tokens")).text
        revoke = re.findall(r'action="(/settings/tokens/\d+/revoke)"', page)[0]
        assert "It is revoked." in await told(visitor, revoke)
        assert (await other.get("/")).status_code == 303
    assert "token.revoke" in await text_of(visitor, "/settings/audit")
    assert "token.create" not in await text_of(visitor, "/settings/audit?action=token.revoke")


async def test_shops_show_their_addresses_and_how_long_data_is_kept(
    world: World, shop: int, visitor: Visitor
) -> None:
    assert "/webhooks/engage/one.example" in await text_of(visitor, "/settings")
    assert "goes within a few hours" in await told(
        visitor, "/settings/retention", shop="one.example", payload_days="7"
    )
    assert 'name="payload_days" value="7"' in (await visitor.get("/settings")).text
    assert "payload_days" in await told(visitor, "/settings/retention", shop="one.example", payload_days="0")
    shop_fields = {
        "domain": "two.example",
        "name": "Two",
        "email": "o@two.example",
        "webhook_secret": "s3cret",
    }
    assert "two.example is added." in await told(visitor, "/settings/shops", **shop_fields)
    assert "s3cret" not in (await visitor.get("/settings")).text


async def test_who_is_no_administrator_sees_shops_only(world: World, shop: int) -> None:
    async with visiting(world) as operator:
        await sign_in(operator, await world.token(Role.OPERATOR))
        assert "Audit log" not in await text_of(operator, "/settings")
        for address in ("/settings/tokens", "/settings/audit"):
            await text_of(operator, address, 403)
