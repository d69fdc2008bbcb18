"""Accounts at marketplaces and of shipping software: what they need, and how a hold of theirs ends."""

from typing import Any

import asyncpg
import orjson
import pytest

from tests.integration.query_api.supplying import new_account
from tests.integration.query_api.test_accounts import PATH, connected, faults
from tests.integration.query_api.world import Api, World

SELLER = {"client_id": "id-1", "client_secret": "secret-1", "refresh_token": "Atzr|1"}
AMAZON: dict[str, Any] = {
    "kind": "amazon",
    "name": "Amazon EU",
    "base_url": "https://sellingpartnerapi-eu.amazon.com",
    "credentials": SELLER,
    "settings": {"marketplace_ids": ["A1PA6795UKMFR9"]},
}
EBAY: dict[str, Any] = {
    "kind": "ebay",
    "name": "eBay",
    "base_url": "https://api.ebay.com",
    "credentials": SELLER,
    "settings": {"uses": "trading", "site_id": 77},
}
SHIPPER: dict[str, Any] = {
    "kind": "shipper",
    "name": "Packing table",
    "base_url": None,
    "credentials": {"webhook_secret": ["whsec_" + "A" * 32]},
    "settings": {"credentials_expire_at": "2027-03-31"},
}


@pytest.mark.parametrize("account", [AMAZON, EBAY, SHIPPER], ids=lambda account: str(account["kind"]))
async def test_each_kind_is_connected_and_its_secrets_never_come_out(
    world: World, shop: int, api: Api, account: dict[str, Any]
) -> None:
    shown = await connected(api, **account)
    assert shown["credentials"] == sorted(account["credentials"])
    assert shown["settings"] == account["settings"]
    assert (shown["is_held"], shown["pause_reason"]) == (False, None)
    sealed = await world.pool.fetchval("SELECT credentials FROM store.accounts")
    assert orjson.loads(world.vault.open(sealed)) == account["credentials"]
    listed = (await api.client.get(PATH)).text
    assert not [secret for secret in (*SELLER.values(), "whsec_") if secret in listed]


WRONG: tuple[tuple[dict[str, Any], dict[str, Any], str, str], ...] = (
    (AMAZON, {"settings": {}}, "settings.marketplace_ids", "is missing"),
    (AMAZON, {"settings": {"marketplace_ids": ["x"]}}, "settings.marketplace_ids.0", "match"),
    (AMAZON, {"credentials": {**SELLER, "refresh_token": ""}}, "credentials.refresh_token", "is missing"),
    (EBAY, {"settings": {"colour": 1}}, "settings.colour", "is no setting"),
    (EBAY, {"settings": {"credentials_expire_at": "soon"}}, "settings.credentials_expire_at", "2027-03-31"),
    (SHIPPER, {"settings": {"credentials_expire_at": "9"}}, "settings.credentials_expire_at", "2027-03-31"),
    (EBAY, {"settings": {"uses": "soap"}}, "settings.uses", "fulfillment"),
    (EBAY, {"settings": {"retry_policy": "forever"}}, "settings.retry_policy", "linear-three"),
    (EBAY, {"settings": {"retry_policy": "patient"}}, "settings.retry_policy", "five-attempts"),
    (EBAY, {"credentials": {**SELLER, "token": "x"}}, "credentials.token", "is no credential"),
    (EBAY, {"kind": "shopify", "settings": {"retry_policy": "x"}}, "settings.retry_policy", "is not"),
    (SHIPPER, {"credentials": {"webhook_secret": "short"}}, "credentials.webhook_secret", "24 to 64"),
)


@pytest.mark.parametrize("wrong", WRONG, ids=str)
async def test_what_can_not_be_used_is_named(
    shop: int, api: Api, wrong: tuple[dict[str, Any], dict[str, Any], str, str]
) -> None:
    account, changes, field, words = wrong
    found = faults(await api.client.post(PATH, json=new_account(**account | changes)))
    assert words in found[field]


@pytest.mark.parametrize("policy", ["five-attempts", "linear-three"])
async def test_both_policies_of_write_backs_can_be_chosen(shop: int, api: Api, policy: str) -> None:
    account = await connected(api, **EBAY)
    change = {"settings": {"retry_policy": policy}}
    changed = (await api.client.patch(f"{PATH}/{account['id']}", json=change)).json()["account"]
    assert changed["settings"] == {"uses": "trading", "site_id": 77, "retry_policy": policy}


async def _throttle(pool: asyncpg.Pool, account: dict[str, Any], *, is_hold: bool) -> None:
    await pool.execute(
        "INSERT INTO store.throttles (account_id, paused_until, reason, is_hold) "
        "VALUES ($1, now() + interval '10 minutes', 'Amazon refused the refresh token', $2)",
        int(account["id"]),
        is_hold,
    )
    await pool.execute("UPDATE store.accounts SET problem = 'Amazon refused the refresh token'")


@pytest.mark.parametrize(
    "change",
    [{"credentials": {"refresh_token": "Atzr|2"}}, {"is_active": True}, {"settings": {"history_days": 3}}],
    ids=str,
)
async def test_entering_credentials_or_switching_on_again_ends_the_hold(
    world: World, shop: int, api: Api, change: dict[str, Any]
) -> None:
    account = await connected(api, **AMAZON)
    await _throttle(world.pool, account, is_hold=True)
    held = (await api.get(f"/accounts/{account['id']}"))["account"]
    assert (held["is_held"], held["pause_reason"]) == (True, "Amazon refused the refresh token")
    assert held["problem"] == "Amazon refused the refresh token"
    assert held["paused_until"] is not None
    answer = await api.client.patch(f"{PATH}/{account['id']}", json=change)
    changed = answer.json()["account"]
    assert (changed["is_held"], changed["paused_until"], changed["problem"]) == (False, None, None)


async def test_a_pause_that_the_other_side_asked_for_stays(world: World, shop: int, api: Api) -> None:
    account = await connected(api, **AMAZON)
    await _throttle(world.pool, account, is_hold=False)
    answer = await api.client.patch(f"{PATH}/{account['id']}", json={"credentials": SELLER})
    changed = answer.json()["account"]
    assert (changed["is_held"], changed["paused_until"] is None) == (False, False)
