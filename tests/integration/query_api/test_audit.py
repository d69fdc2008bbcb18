"""Whatever people change is written down: who, what, when, and from where; and administrators read it."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from pydantic import SecretStr

from query_api.auth import Role
from query_api.routes import checking
from query_api.settings import QueryApiSettings
from tests.integration.query_api.access_rows import ROWS, Row
from tests.integration.query_api.shop_things import things_of
from tests.integration.query_api.test_access_matrix import _asked
from tests.integration.query_api.world import Api, World, serving
from tests.workers import open_world

CHANGES_NOTHING = ("/alerts/would-fire",)


@pytest.fixture
async def world(
    settings: QueryApiSettings, database_url: str, rabbitmq_url: str, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[World]:
    """The API with a broker, so that what people start is started."""
    monkeypatch.setattr(checking, "PATIENCE_S", 0.0)
    broker = SecretStr(rabbitmq_url)
    async with open_world(database_url, rabbitmq_url), serving(settings, rabbitmq_url=broker) as world:
        yield world


def changes_something(row: Row) -> bool:
    is_dry = bool(row.body and row.body.get("dry_run"))
    return row.method != "GET" and row.route not in CHANGES_NOTHING and not is_dry


async def test_every_route_that_changes_something_is_in_the_log(world: World) -> None:
    own = await things_of(world, "own", 41)
    unnoted, done = [], 0
    async with world.reader() as api:
        for row in filter(changes_something, ROWS):
            before = await world.pool.fetchval("SELECT coalesce(max(id), 0) FROM admin.audit_log")
            answer = await _asked(api.client, row, own)
            deeds = await world.pool.fetch("SELECT * FROM admin.audit_log WHERE id > $1", before)
            done += answer.is_success
            if answer.is_success and answer.json().get("started") is not False and not deeds:
                unnoted.append(f"{row.method} {row.route}: {answer.text}")
            assert {(deed["actor"], deed["address"]) for deed in deeds} <= {("test", "127.0.0.1")}
    assert unnoted == []
    assert done > 20


async def deeds(api: Api, **wanted: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await api.get("/audit", **wanted))["deeds"]
    return found


async def add(world: World, action: str, shop_id: int | None, subject: str | None = None) -> None:
    await world.pool.execute(
        "INSERT INTO admin.audit_log (actor, token_id, action, shop_id, subject) "
        "VALUES ('Ada', 77, $1, $2, $3)",
        action,
        shop_id,
        subject,
    )


async def test_the_log_is_read_backwards_and_narrowed(world: World, shop: int, api: Api) -> None:
    for number in range(5):
        await add(world, f"task.{number % 2}", shop, str(number))
    page = await api.get("/audit", limit=2)
    rest = await api.get("/audit", limit=50, before=page["next"])
    assert [one["subject"] for one in [*page["deeds"], *rest["deeds"]]] == ["4", "3", "2", "1", "0"]
    assert rest["next"] is None
    assert len(await deeds(api, action="task.1")) == 2
    assert [one["shop"] for one in await deeds(api, subject="3")] == ["one.example"]
    assert len(await deeds(api, actor="Ada", shop="one.example")) == 5
    assert await deeds(api, actor="Bob") == []
    assert await deeds(api, since="2999-01-01T00:00:00Z") == []
    assert await deeds(api, until="2999-01-01T00:00:00Z", limit=1) == page["deeds"][:1]


async def test_administrators_of_some_shops_see_what_was_done_for_them_and_by_themselves(
    world: World, shop: int
) -> None:
    other = await world.add_shop("two")
    for shop_id in (shop, other, None):
        await add(world, "task.retry", shop_id)
    async with world.reader(shop_ids=[shop]) as api:
        assert (await api.client.post("/api/v1/me/sign-out")).status_code == 200
        assert [(one["actor"], one["shop"]) for one in await deeds(api)] == [
            ("test", None),
            ("Ada", "one.example"),
        ]
        assert (await api.problem("/audit", shop="two.example"))["status"] == 400
    async with world.reader(Role.OPERATOR) as operator:
        assert (await operator.problem("/audit"))["status"] == 403
