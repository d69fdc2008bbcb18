"""Every route of the app, for every role, with the shop's own things, another shop's, and none at all."""

import re
from collections.abc import AsyncIterator, Iterator
from difflib import unified_diff
from html import unescape
from typing import Any

import httpx
import pytest
from fastapi.routing import iter_route_contexts
from pydantic import SecretStr

from query_api.app import build_app
from query_api.auth import Role
from query_api.routes import checking
from query_api.settings import QueryApiSettings
from shared.envelope import utc_now
from tests.integration.query_api.access_pages import FORMS, PAGES
from tests.integration.query_api.access_rows import OF_ONESELF, OPEN, ROWS, Row
from tests.integration.query_api.shop_things import Things, nothing, things_of
from tests.integration.query_api.visiting import SAME_ORIGIN, form_token, sign_in
from tests.integration.query_api.world import World, client_of, serving
from tests.workers import open_world

API = "/api/v1"
STAYS = "UPDATE ledger.recorders SET as_of = as_of + interval '1 h', seen_at = seen_at + interval '1 h'"
DONE = {200, 201, 202, 204, 409}
MOMENT = re.compile(r"<time.*?</time>|\d{4}-\d\d-\d\d[T ](?:[\d:.]|%3A)+(Z|\+00:00)?|(?<=id: )\d{16}")


@pytest.fixture(autouse=True)
def _nobody_waits_for_results(monkeypatch: pytest.MonkeyPatch) -> None:
    """There are no workers here that would try an account."""
    monkeypatch.setattr(checking, "PATIENCE_S", 0.0)


@pytest.fixture
async def world(settings: QueryApiSettings, database_url: str, rabbitmq_url: str) -> AsyncIterator[World]:
    """The API with a broker, so that what people start is started."""
    broker = SecretStr(rabbitmq_url)
    async with open_world(database_url, rabbitmq_url), serving(settings, rabbitmq_url=broker) as world:
        yield world


def _routes(settings: QueryApiSettings) -> Iterator[str]:
    for route in iter_route_contexts(build_app(settings).routes):
        for method in sorted((route.methods or set()) - {"HEAD"}):
            yield f"{method} {route.path}"


def test_every_route_says_who_may_use_it(settings: QueryApiSettings) -> None:
    declared = {f"{row.method} {API}{row.route}" for row in ROWS}
    declared |= {f"{row.method} {row.route}" for row in [*PAGES, *FORMS]} | OPEN | OF_ONESELF
    found = set(_routes(settings))
    assert found - declared == set(), "add a row to access_rows.py"
    assert declared - found == set(), "there is no such route any more"


def test_every_role_is_told_apart_somewhere() -> None:
    assert {row.least for row in ROWS} == set(Role)


async def test_without_a_token_nothing_is_told(world: World) -> None:
    own = await things_of(world, "own", 41)
    wrong = []
    async with client_of(world.app) as stranger:
        for row in ROWS:
            answers = [await _asked(stranger, row, things) for things in (own, nothing())]
            if {answer.status_code for answer in answers} != {401} or answers[0].text != answers[1].text:
                wrong.append((row.method, row.route, [answer.status_code for answer in answers]))
        for page in [*PAGES, *FORMS]:
            answer = await _asked(stranger, page, own, prefix="")
            if answer.status_code != 303 or not answer.headers["location"].startswith("/sign-in"):
                wrong.append((page.method, page.route, [answer.status_code]))
    assert wrong == []


@pytest.mark.parametrize("role", Role)
async def test_a_role_does_what_it_may_and_another_shop_is_as_none(world: World, role: Role) -> None:
    own, foreign = await things_of(world, "own", 41), await things_of(world, "foreign", 77)
    await world.say_recorded_until(utc_now())  # rates are told of the time up to then
    await world.pool.execute(STAYS)
    shop_id = await world.pool.fetchval("SELECT id FROM store.shops WHERE domain = 'own.example'")
    wrong = []
    async with world.reader(role, shop_ids=[shop_id]) as reader:
        for row in ROWS:
            wrong += await _faults(reader.client, row, role, (own, foreign), prefix=API)
    async with client_of(world.app) as browser:
        await sign_in(browser, await world.token(role, shop_ids=[shop_id]))
        for page in PAGES:
            wrong += await _faults(browser, page, role, (own, foreign), prefix="")
        for form in FORMS:
            wrong += await _form_faults(browser, form, role, (own, foreign))
    assert wrong == []


async def _form_faults(
    browser: httpx.AsyncClient, form: Row, role: Role, sides: tuple[Things, Things]
) -> list[str]:
    """Another shop's thing is answered as one that is not there; roles that may not are told so."""
    own, foreign = sides
    missing = nothing()
    theirs = await _sent(browser, form, foreign)
    none = await _sent(browser, form, missing)
    ours = await _sent(browser, form, own)
    found = [] if form.passes_over else _differences(_told(theirs, form, foreign), _told(none, form, missing))
    if _leaks(theirs, form, foreign) or _leaks(ours, form, foreign):
        found.append("shows what belongs to another shop")
    words = ("this token's role is", "may only look")
    is_refused = ours.status_code == 403 or any(said in unescape(ours.text) for said in words)
    if is_refused == role.includes(form.least):
        found.append(f"is {'refused' if is_refused else 'done'}: {ours.status_code} {ours.text[-600:]}")
    return [f"{form.method} {form.route} as {role}: {fault}" for fault in found]


async def _sent(browser: httpx.AsyncClient, form: Row, things: Things) -> httpx.Response:
    """The page that sending a form leads to."""
    path = form.route.format(**_filled(form.path, things))
    data = {"form_token": await form_token(browser), **_filled(form.body, things)}
    answer = await browser.post(path, data=data, headers=SAME_ORIGIN)
    return await browser.get(answer.headers["location"]) if answer.status_code == 303 else answer


async def _faults(
    client: httpx.AsyncClient, row: Row, role: Role, sides: tuple[Things, Things], *, prefix: str
) -> list[str]:
    """What is wrong with a route for a reader who may see the first shop only."""
    own, foreign = sides
    missing = nothing()
    theirs = await _asked(client, row, foreign, prefix=prefix)
    none = await _asked(client, row, missing, prefix=prefix)
    ours = await _asked(client, row, own, prefix=prefix)
    found = _differences(_told(theirs, row, foreign), _told(none, row, missing))
    if _leaks(theirs, row, foreign) or _leaks(ours, row, foreign):
        found.append("shows what belongs to another shop")
    if role.includes(row.least) and not row.needs_all_shops:
        if ours.status_code not in DONE:
            found.append(f"refuses its own: {ours.status_code} {ours.text[:300]}")
        if row.refuses_foreign and theirs.status_code not in {400, 404}:
            found.append(f"acts on another shop's: {theirs.status_code}")
    elif {ours.status_code, theirs.status_code} != {403}:
        found.append(f"may be used: {ours.status_code} {theirs.status_code}")
    return [f"{row.method} {row.route} {row.query} as {role}: {fault}" for fault in found]


async def _asked(client: httpx.AsyncClient, row: Row, things: Things, *, prefix: str = API) -> httpx.Response:
    path = row.route.format(**_filled(row.path, things))
    body = None if row.body is None else _filled(row.body, things)
    return await client.request(row.method, prefix + path, params=_filled(row.query, things), json=body)


def _filled(template: Any, things: Things) -> Any:
    if isinstance(template, dict):
        return {name: _filled(value, things) for name, value in template.items()}
    if isinstance(template, list):
        return [_filled(value, things) for value in template]
    named = re.fullmatch(r"\{(\w+)\}", template) if isinstance(template, str) else None
    return things.get(named[1], template) if named else template


def _differences(theirs: str, none: str) -> list[str]:
    lines = unified_diff(none.splitlines(), theirs.splitlines(), "none", "theirs", lineterm="", n=1)
    return [f"tells another shop's from none: {found}"] if (found := "\n".join(lines)) else []


def _told(answer: httpx.Response, row: Row, things: Things) -> str:
    """The answer with each thing that was asked for called by its kind, and moments left out."""
    text = MOMENT.sub("<moment>", answer.text)
    for kind in _asked_for(row, things):
        text = re.sub(rf"(?<![\w-]){re.escape(things[kind])}(?![\w-])", f"<{kind}>", text)
    return f"{answer.status_code}\n{text}"


def _leaks(answer: httpx.Response, row: Row, foreign: Things) -> bool:
    """Whether something of the other shop is in the answer that was not in the question."""
    asked = _asked_for(row, foreign)
    return any(
        value in answer.text for kind, value in foreign.items() if len(value) > 8 and kind not in asked
    )


def _asked_for(row: Row, things: Things) -> set[str]:
    return {kind for kind in things if f"{{{kind}}}" in row.asked}
