"""People sign in where their organisation signs them in; their groups say what they may do."""

from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from pydantic import SecretStr

from query_api.app import build_app
from query_api.auth import Role
from query_api.oidc_access import GroupRule
from query_api.settings import QueryApiSettings
from query_api.single_sign_on import CALLBACK
from tests.integration.query_api.provider import CLIENT_ID, SECRET, Provider, running_provider
from tests.integration.query_api.world import BASE_URL, World, client_of

RULES = {
    "ops": GroupRule(role=Role.OPERATOR),
    "one": GroupRule(role=Role.VIEWER, shops=("one.example",)),
    "gone": GroupRule(role=Role.VIEWER, shops=("gone.example",)),
}
ANN = {"sub": "u-1", "preferred_username": "ann", "groups": ["one", "staff"]}


@pytest.fixture
async def provider() -> AsyncIterator[Provider]:
    async with running_provider() as provider:
        provider.claims = dict(ANN)
        yield provider


@pytest.fixture
def settings(settings: QueryApiSettings, provider: Provider) -> QueryApiSettings:
    given = {
        "oidc_issuer": provider.issuer,
        "oidc_client_id": CLIENT_ID,
        "oidc_client_secret": SecretStr(SECRET),
        "oidc_groups": RULES,
        "console_url": BASE_URL,
    }
    return settings.model_copy(update=given)


@pytest.fixture
async def browser(world: World, shop: int) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(world.app) as browser:
        yield browser


async def _sign_in(browser: httpx.AsyncClient, provider: Provider, wanted: str = "/") -> httpx.Response:
    left = await browser.get("/sign-in/oidc", params={"next": wanted})
    assert left.status_code == 303, left.text
    return await browser.get(f"{CALLBACK}?{provider.let_in(left.headers['location'])}")


async def _tokens(world: World) -> list[dict[str, Any]]:
    async with world.reader() as api:
        return [one for one in (await api.get("/tokens"))["tokens"] if one["kind"] == "person"]


async def test_a_person_signs_in_with_what_their_groups_give(
    world: World, provider: Provider, browser: httpx.AsyncClient
) -> None:
    assert "/sign-in/oidc?next=/" in (await browser.get("/sign-in")).text
    answer = await _sign_in(browser, provider, "/?state=failed")
    assert (answer.status_code, answer.headers["location"]) == (303, "/?state=failed")
    page = (await browser.get("/")).text
    assert "ann" in page
    assert "viewer" in page
    (person,) = await _tokens(world)
    assert (person["name"], person["role"], person["shops"]) == ("ann", "viewer", ["one.example"])
    assert (person["prefix"], person["sessions"]) == ("", 1)
    actor = await world.pool.fetchval("SELECT actor FROM admin.audit_log WHERE action = 'session.begin'")
    assert actor == "ann"


async def test_the_same_person_is_known_again_with_new_groups(
    world: World, provider: Provider, browser: httpx.AsyncClient
) -> None:
    await _sign_in(browser, provider)
    provider.claims |= {"groups": ["ops", "one"], "preferred_username": "ann.b"}
    await _sign_in(browser, provider)
    (person,) = await _tokens(world)
    assert (person["name"], person["role"], person["shops"]) == ("ann.b", "operator", None)


async def test_groups_may_be_told_only_when_asked_and_keys_may_change(
    world: World, provider: Provider, browser: httpx.AsyncClient
) -> None:
    provider.tells_groups_when_asked = True
    assert (await _sign_in(browser, provider)).status_code == 303
    provider.turn_keys()
    assert (await _sign_in(browser, provider)).status_code == 303


async def test_who_lost_their_groups_is_signed_out(provider: Provider, browser: httpx.AsyncClient) -> None:
    await _sign_in(browser, provider)
    for groups in (["staff"], ["gone"], []):
        provider.claims["groups"] = groups
        answer = await _sign_in(browser, provider)
        assert answer.status_code == 401
        assert "of your groups" in answer.text
    assert (await browser.get("/")).status_code == 303


async def test_a_revoked_person_does_not_come_back(
    world: World, provider: Provider, browser: httpx.AsyncClient
) -> None:
    await _sign_in(browser, provider)
    (person,) = await _tokens(world)
    async with world.reader() as api:
        await api.client.post(f"/api/v1/tokens/{person['id']}/revoke")
    assert (await browser.get("/")).status_code == 303
    answer = await _sign_in(browser, provider)
    assert (answer.status_code, "revoked" in answer.text) == (401, True)


@pytest.mark.parametrize(
    "lies",
    [
        {"iss": "https://evil.example"},
        {"aud": "another"},
        {"aud": ["another", CLIENT_ID], "azp": "another"},
        {"exp": 1},
        {"nonce": "another"},
    ],
    ids=str,
)
async def test_what_was_not_meant_for_this_sign_in_is_refused(
    provider: Provider, browser: httpx.AsyncClient, lies: dict[str, Any]
) -> None:
    provider.lies = lies
    answer = await _sign_in(browser, provider)
    assert (answer.status_code, "can not be trusted" in answer.text) == (401, True)
    assert (await browser.get("/")).status_code == 303


async def test_a_sign_in_can_be_finished_only_where_it_began_and_once(
    world: World, provider: Provider, browser: httpx.AsyncClient
) -> None:
    left = await browser.get("/sign-in/oidc")
    back = provider.let_in(left.headers["location"])
    state = parse_qs(back)["state"][0]
    async with client_of(world.app) as victim:
        assert (await victim.get(f"{CALLBACK}?{back}")).status_code == 401
        await victim.get("/sign-in/oidc")
        assert (await victim.get(f"{CALLBACK}?{back}")).status_code == 401
    left = await browser.get("/sign-in/oidc")
    assert (await browser.get(f"{CALLBACK}?error=access_denied&state={state}")).status_code == 401
    left = await browser.get("/sign-in/oidc")
    back = provider.let_in(left.headers["location"])
    cookies = dict(browser.cookies)
    assert (await browser.get(f"{CALLBACK}?{back}&iss=https%3A%2F%2Fevil.example")).status_code == 401
    browser.cookies.update(cookies)
    assert (await browser.get(f"{CALLBACK}?{back}")).status_code == 303
    browser.cookies.update(cookies)
    assert (await browser.get(f"{CALLBACK}?{back}")).status_code == 401


async def test_it_leads_only_to_the_provider_and_to_our_own_pages(
    provider: Provider, browser: httpx.AsyncClient
) -> None:
    left = await browser.get("/sign-in/oidc", params={"next": "https://evil.example"})
    target = urlsplit(left.headers["location"])
    assert f"{target.scheme}://{target.netloc}" == provider.issuer
    assert parse_qs(target.query)["redirect_uri"] == [f"{BASE_URL}{CALLBACK}"]
    answer = await browser.get(f"{CALLBACK}?{provider.let_in(left.headers['location'])}")
    assert answer.headers["location"] == "/"


async def test_without_a_provider_there_are_tokens_only(settings: QueryApiSettings) -> None:
    app = build_app(settings.model_copy(update={"oidc_issuer": ""}))
    async with app.router.lifespan_context(app), client_of(app) as browser:
        assert "/sign-in/oidc" not in (await browser.get("/sign-in")).text
        assert (await browser.get("/sign-in/oidc")).status_code == 404


async def test_a_provider_that_is_away_is_told_of(settings: QueryApiSettings) -> None:
    app = build_app(settings.model_copy(update={"oidc_issuer": "http://127.0.0.1:1"}))
    async with app.router.lifespan_context(app), client_of(app) as browser:
        answer = await browser.get("/sign-in/oidc")
    assert (answer.status_code, "does not answer" in answer.text) == (401, True)
