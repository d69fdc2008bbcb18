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
        assert "warehouse is revoked" in await told(visitor, revoke)
        assert (await other.get("/")).status_code == 303
    assert "token.revoke" in await text_of(visitor, "/settings/audit")
    assert "token.create" not in await text_of(visitor, "/settings/audit?action=token.revoke")


async def test_a_token_for_some_shops_and_what_can_not_be_used(
    world: World, shop: int, visitor: Visitor
) -> None:
    await world.add_shop("two")
    answer = await submit(visitor, "/settings/tokens", name=" ", role="viewer", expires="2001-01-01")
    assert answer.status_code == 400
    assert 'id="fault-name"' in answer.text
    assert 'value="2001-01-01"' in answer.text, "what was entered is still there"
    answer = await submit(visitor, "/settings/tokens", name="late", role="viewer", expires="2001-01-01")
    assert "That moment has passed" in seen(answer)
    answer = await submit(visitor, "/settings/tokens", name="narrow", role="operator", shop="two.example")
    assert "two.example" in seen(answer)
    async with visiting(world) as other:
        await sign_in(other, re.findall(r"sl_[\w-]+", seen(answer))[0])
        assert "one.example" not in (await other.get("/settings")).text
        assert (await other.get("/settings/shops/one.example")).status_code == 404


async def test_a_shop_is_added_changed_and_its_secret_rotated(
    world: World, shop: int, visitor: Visitor
) -> None:
    fields = {"domain": "two.example", "name": "Two", "email": "o@two.example", "timezone": "Asia/Tokyo"}
    answer = await submit(visitor, "/settings/shops", **fields)
    assert answer.status_code == 400
    assert 'id="fault-webhook_secret"' in answer.text
    assert 'value="o@two.example"' in answer.text
    page = await told(visitor, "/settings/shops", **fields, webhook_secret="s3cret")
    assert "Two is added." in page
    assert "/webhooks/engage/two.example" in page
    page = await told(visitor, "/settings/shops/two.example", **fields | {"name": "Zwei"})
    assert "The shop is changed." in page
    assert "Zwei" in page
    rotated = "/settings/shops/two.example/secret"
    assert "2 secrets are accepted now" in await told(visitor, rotated, webhook_secret="n3wer")
    page = await told(visitor, rotated, webhook_secret="n3west", ends_earlier="on")
    assert "one secret is accepted now" in page
    shown = (await visitor.get("/settings/shops/two.example")).text
    assert not [secret for secret in ("s3cret", "n3wer", "n3west") if secret in shown]
    secrets = await world.pool.fetchval(
        "SELECT webhook_secrets FROM store.shops WHERE domain = 'two.example'"
    )
    assert [world.vault.open(secret) for secret in secrets] == [b"n3west"]


async def test_how_long_data_is_kept_is_changed_by_shop(world: World, shop: int, visitor: Visitor) -> None:
    address = "/settings/retention"
    assert "keeps data 7 days" in await told(visitor, address, shop="one.example", payload_days="7")
    assert 'name="payload_days" value="7"' in (await visitor.get(address)).text
    assert "payload_days" in await told(visitor, address, shop="one.example", payload_days="0")
    assert "keeps data 30 days" in await told(visitor, address, shop="one.example", payload_days="")


async def test_browsers_that_are_signed_in_are_shown_and_ended(
    world: World, shop: int, visitor: Visitor
) -> None:
    async with visiting(world) as other:
        await sign_in(other, await world.token(Role.OPERATOR))
        page = await text_of(other, "/settings/sessions")
        assert "This one" in page
        assert "Who is signed in" not in page
        shown = (await visitor.get("/settings/sessions")).text
        end = re.findall(r'action="(/settings/sessions/\d+/end)"', shown)
        assert len(end) == 1, "nobody ends their own there"
        assert "1 browser is signed out." in await told(visitor, end[0])
        assert (await other.get("/")).status_code == 303
    assert "session.end-all" in await text_of(visitor, "/settings/audit")


async def test_the_audit_log_leads_on_with_its_filters(world: World, shop: int, visitor: Visitor) -> None:
    for days in range(1, 28):
        await told(visitor, "/settings/retention", shop="one.example", payload_days=str(days))
        await told(visitor, "/settings/retention", shop="one.example", payload_days="")
    page = (await visitor.get("/settings/audit?action=retention.change&shop=one.example")).text
    assert 'href="/settings/shops/one.example"' in page
    older = re.findall(r'rel="next" href="([^"]+)"', page)[0]
    assert "action=retention.change" in older
    assert "— → 1" in await text_of(visitor, older.replace("&amp;", "&"))
    assert "Nothing of the kind" in await text_of(visitor, "/settings/audit?until=2001-01-01T00:00")
    await text_of(visitor, "/settings/audit?since=yesterday", 400)


async def test_who_is_no_administrator_looks_only(world: World, shop: int) -> None:
    async with visiting(world) as operator:
        await sign_in(operator, await world.token(Role.OPERATOR))
        assert "Audit log" not in await text_of(operator, "/settings")
        page = (await operator.get("/settings/shops/one.example")).text
        assert "webhook_secret" not in page
        assert "payload_days" not in (await operator.get("/settings/retention")).text
        for address in ("/settings/tokens", "/settings/audit", "/settings/shops/new"):
            await text_of(operator, address, 403)
