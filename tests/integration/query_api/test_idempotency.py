"""Whoever repeats a request with its key gets the first answer again, and nothing is done twice."""

import asyncio
from typing import Any
from uuid import uuid4

import httpx

from query_api.auth import Role
from shared.envelope import State
from tests.integration.query_api.operating import OPERATIONS, add_failed
from tests.integration.query_api.world import Api, World, client_of

TOKENS = "/api/v1/tokens"
WANTED = {"name": "n", "role": "viewer", "shops": ["one.example"]}


async def ask(api: Api, key: str, wanted: Any = WANTED, *, at: str = TOKENS) -> httpx.Response:
    return await api.client.post(at, json=wanted, headers={"Idempotency-Key": key})


async def test_a_repeat_gets_the_first_answer_and_does_nothing(world: World, shop: int, api: Api) -> None:
    first, again = await ask(api, "k1"), await ask(api, "k1")
    assert first.status_code == 201, first.text
    assert (again.status_code, again.content) == (201, first.content)
    assert again.headers["content-type"] == first.headers["content-type"]
    assert [answer.headers.get("idempotent-replayed") for answer in (first, again)] == [None, "true"]
    assert await world.pool.fetchval("SELECT count(*) FROM admin.api_tokens WHERE name = 'n'") == 1
    kept = await world.pool.fetchval("SELECT answer FROM admin.idempotency_keys")
    assert first.json()["secret"].encode() not in kept


async def test_another_request_with_the_key_is_refused(world: World, shop: int, api: Api) -> None:
    await ask(api, "k1")
    for answer in (await ask(api, "k1", {**WANTED, "name": "m"}), await ask(api, "k1", {}, at=OPERATIONS)):
        assert (answer.status_code, answer.json()["type"]) == (
            409,
            "urn:syncledger:problem:idempotency-key-reused",
        )


async def test_keys_are_each_tokens_own(world: World, shop: int, api: Api) -> None:
    await ask(api, "k1")
    async with world.reader() as other:
        assert (await ask(other, "k1")).headers.get("idempotent-replayed") is None
    assert await world.pool.fetchval("SELECT count(*) FROM admin.api_tokens WHERE name = 'n'") == 2


async def test_of_many_at_once_one_is_done(world: World, shop: int, api: Api) -> None:
    await add_failed(world, shop)
    wanted = {"kind": "retry", "filter": {}}
    answers = await asyncio.gather(*(ask(api, "k1", wanted, at=OPERATIONS) for _ in range(6)))
    assert {answer.status_code for answer in answers} <= {202, 409}
    again = await ask(api, "k1", wanted, at=OPERATIONS)
    assert again.headers["location"].endswith(again.json()["operation"]["id"])
    assert await world.pool.fetchval("SELECT count(*) FROM admin.operations") == 1


async def test_what_was_refused_may_be_asked_again_with_the_key(world: World, shop: int, api: Api) -> None:
    task = await world.record_task(State.SUCCEEDED, shop_id=shop)
    missing = await api.client.delete(f"/api/v1/tasks/{uuid4()}", headers={"Idempotency-Key": "k1"})
    assert missing.status_code == 404
    done = [
        await api.client.delete(f"/api/v1/tasks/{task.id}", headers={"Idempotency-Key": "k1"})
        for _ in range(2)
    ]
    assert [answer.status_code for answer in done] == [200, 200]
    assert done[0].json() == done[1].json()


async def test_a_request_that_broke_off_is_not_done_again(world: World, shop: int, api: Api) -> None:
    await ask(api, "k1")
    await world.pool.execute("UPDATE admin.idempotency_keys SET status = NULL, answer = NULL")
    meanwhile = await ask(api, "k1")
    assert (meanwhile.status_code, meanwhile.headers["retry-after"]) == (409, "1")
    await world.pool.execute("UPDATE admin.idempotency_keys SET created_at = now() - interval '1 hour'")
    assert "nobody knows" in (await ask(api, "k1")).json()["detail"]


async def test_without_a_good_token_a_key_is_worth_nothing(world: World, shop: int, api: Api) -> None:
    await ask(api, "k1")
    async with client_of(world.app, headers={"Authorization": "Bearer sl_x"}) as stranger:
        assert (await ask(Api(stranger), "k1")).status_code == 401
    async with world.reader(Role.VIEWER) as viewer:
        assert (await ask(viewer, "k1")).status_code == 403
    assert await world.pool.fetchval("SELECT count(*) FROM admin.idempotency_keys") == 1


async def test_a_key_that_is_none_is_named(api: Api, shop: int) -> None:
    answer = await ask(api, "two words")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "Idempotency-Key")


async def test_reading_needs_no_key(world: World, shop: int, api: Api) -> None:
    for _ in range(2):
        answer = await api.client.get("/api/v1/tasks", headers={"Idempotency-Key": "k1"})
        assert (answer.status_code, answer.headers.get("idempotent-replayed")) == (200, None)
    assert await world.pool.fetchval("SELECT count(*) FROM admin.idempotency_keys") == 0
