"""Tokens are made, listed and revoked by administrators, each for the shops they see."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from query_api.auth import Role
from query_api.settings import QueryApiSettings
from shared.envelope import utc_now
from tests.integration.query_api.world import Api, World, client_of, serving

PATH = "/api/v1/tokens"
SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}


async def _made(api: Api, **wanted: Any) -> dict[str, Any]:
    answer = await api.client.post(PATH, json={"name": "report", "role": "viewer", **wanted})
    assert answer.status_code == 201, answer.text
    body: dict[str, Any] = answer.json()
    return body


def _bearer(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}


async def test_a_new_token_is_shown_once_and_opens_the_api(world: World, shop: int, api: Api) -> None:
    expires_at = (utc_now() + timedelta(days=1)).isoformat()
    made = await _made(api, shops=["one.example"], expires_at=expires_at)
    token, secret = made["token"], made["secret"]
    assert (token["kind"], token["role"], token["shops"]) == ("token", "viewer", ["one.example"])
    assert (token["state"], token["last_used_at"]) == ("good", None)
    assert secret.startswith(token["prefix"])
    async with client_of(world.app, headers=_bearer(secret)) as client:
        me = (await client.get("/api/v1/me")).json()
    assert (me["id"], me["role"], me["shops"]) == (token["id"], "viewer", ["one.example"])
    assert me["expires_at"] is not None
    found = (await api.client.get(f"{PATH}/{token['id']}")).text
    assert secret not in found
    assert "last_used_at" in found
    stored = await world.pool.fetchval("SELECT jsonb_agg(t)::text FROM admin.api_tokens t")
    assert secret not in stored


async def test_a_revoked_token_opens_nothing_more(world: World, shop: int, api: Api) -> None:
    made = await _made(api)
    path = f"{PATH}/{made['token']['id']}"
    headers = _bearer(made["secret"])
    async with client_of(world.app, headers=headers) as client, client_of(world.app) as browser:
        await browser.post("/sign-in", data={"token": made["secret"]}, headers=SAME_ORIGIN)
        assert (await api.get(f"/tokens/{made['token']['id']}"))["token"]["sessions"] == 1
        for _ in range(2):
            answer = await api.client.post(f"{path}/revoke")
            assert (answer.status_code, answer.json()["token"]["state"]) == (200, "revoked")
        assert (await client.get("/api/v1/me")).status_code == 401
        assert (await browser.get("/")).status_code == 303
    deeds = await world.pool.fetch(
        "SELECT action, subject, actor FROM admin.audit_log WHERE action LIKE 'token.%' ORDER BY id"
    )
    subject = f"token {made['token']['id']}"
    assert [tuple(deed) for deed in deeds] == [
        ("token.create", subject, "test"),
        ("token.revoke", subject, "test"),
        ("token.revoke", subject, "test"),
    ]


async def test_an_administrator_of_some_shops_hands_on_no_more(world: World, shop: int, api: Api) -> None:
    two = await world.add_shop("two")
    for_all, for_two = await _made(api), await _made(api, shops=["two.example"])
    async with world.reader(shop_ids=[shop]) as scoped:
        mine = await _made(scoped)
        assert mine["token"]["shops"] == ["one.example"]
        listed = {one["id"] for one in (await scoped.get("/tokens"))["tokens"]}
        for other in (for_all, for_two):
            other_id = other["token"]["id"]
            assert other_id not in listed
            assert (await scoped.client.get(f"{PATH}/{other_id}")).status_code == 404
            for act in ("revoke", "sign-out"):
                assert (await scoped.client.post(f"{PATH}/{other_id}/{act}")).status_code == 404
        wanted = {"name": "x", "role": "viewer"}
        answer = await scoped.client.post(PATH, json={**wanted, "shops": ["two.example"]})
        unknown = await scoped.client.post(PATH, json={**wanted, "shops": ["no.example"]})
        assert answer.status_code == unknown.status_code == 400
        assert answer.json()["detail"].replace("two", "no") == unknown.json()["detail"]
        assert answer.json()["errors"][0]["field"] == "shops"
    async with world.reader(shop_ids=[shop, two]) as wider:
        assert (await wider.client.post(f"{PATH}/{mine['token']['id']}/revoke")).status_code == 200


async def test_a_token_outlives_none_it_came_from(world: World, shop: int) -> None:
    ends_at = utc_now() + timedelta(hours=1)
    async with client_of(world.app, headers=_bearer(await world.token(expires_at=ends_at))) as client:
        made = await client.post(PATH, json={"name": "x", "role": "admin"})
        assert made.json()["token"]["expires_at"] is not None
        later = (ends_at + timedelta(seconds=1)).isoformat()
        answer = await client.post(PATH, json={"name": "x", "role": "admin", "expires_at": later})
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "expires_at")


async def test_the_list_is_walked_from_page_to_page(api: Api) -> None:
    ids = [(await _made(api, name=f"n{n}"))["token"]["id"] for n in range(3)]
    first = await api.get("/tokens", limit=2)
    rest = await api.get("/tokens", limit=2, before=first["next"])
    found = [one["id"] for one in [*first["tokens"], *rest["tokens"]]]
    assert found[:3] == ids[::-1]
    assert (len(found), rest["next"]) == (4, None)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"role": "viewer"}, "name"),
        ({"name": " ", "role": "viewer"}, "name"),
        ({"name": "x", "role": "owner"}, "role"),
        ({"name": "x", "role": "viewer", "shops": []}, "shops"),
        ({"name": "x", "role": "viewer", "expires_at": "2020-01-01T00:00:00Z"}, "expires_at"),
        ({"name": "x", "role": "viewer", "expires_at": "tomorrow"}, "expires_at"),
        ({"name": "x", "role": "viewer", "shop": "one.example"}, "shop"),
    ],
    ids=str,
)
async def test_what_can_not_be_given_is_named(api: Api, body: dict[str, Any], field: str) -> None:
    answer = await api.client.post(PATH, json=body)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, field)


async def test_anybody_may_sign_out_everywhere(world: World, shop: int) -> None:
    token = await world.token(Role.VIEWER)
    async with client_of(world.app) as browser, client_of(world.app, headers=_bearer(token)) as client:
        await browser.post("/sign-in", data={"token": token}, headers=SAME_ORIGIN)
        answer = await client.post("/api/v1/me/sign-out")
        assert (answer.status_code, answer.json()["ended"]) == (200, 1)
        assert (await browser.get("/")).status_code == 303
        assert (await client.get("/api/v1/me")).status_code == 200


async def test_a_token_that_asks_too_often_is_told_when_to_go_on(settings: QueryApiSettings) -> None:
    async with (
        serving(settings, requests_per_minute=2) as world,
        world.reader() as eager,
        world.reader() as other,
    ):
        answers = [await eager.client.get("/api/v1/shops") for _ in range(3)]
        assert [answer.status_code for answer in answers] == [200, 200, 429]
        _is_a_wait(answers[2])
        assert (await other.client.get("/api/v1/shops")).status_code == 200


def _is_a_wait(answer: httpx.Response) -> None:
    assert 0 < int(answer.headers["retry-after"]) <= 30
    assert answer.json()["type"] == "urn:syncledger:problem:too-many-requests"
