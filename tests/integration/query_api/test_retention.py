"""A shop says how long what it sent is kept: no longer than the platform keeps it."""

from typing import Any

import httpx
import orjson

from query_api.auth import Role
from tests.integration.query_api.world import Api, World

PATH = "/api/v1/retention?shop=one.example"


async def _put(api: Api, days: Any) -> httpx.Response:
    return await api.client.put(PATH, json={"payload_days": days})


async def test_a_shop_may_have_less_than_the_platform_keeps(world: World, shop: int, api: Api) -> None:
    found = await api.get("/retention", shop="one.example")
    assert (found["payload_days"], found["platform_payload_days"]) == (None, 30)
    for days in (7, 30, None):
        answer = await _put(api, days)
        assert (answer.status_code, answer.json()["payload_days"]) == (200, days)
    rows = await world.pool.fetch("SELECT detail FROM admin.audit_log WHERE shop_id = $1 ORDER BY id", shop)
    details = [row["detail"] for row in rows]
    told = [orjson.loads(detail) if isinstance(detail, str) else detail for detail in details]
    assert [one["payload_days"] for one in told] == [
        {"from": None, "to": 7},
        {"from": 7, "to": 30},
        {"from": 30, "to": None},
    ]


async def test_what_can_not_be_kept_is_refused(shop: int, api: Api) -> None:
    for days in (0, 31, "a week"):
        answer = await _put(api, days)
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "payload_days")
    answer = await api.client.put(PATH, json={})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "payload_days")


async def test_only_administrators_change_it(world: World, shop: int) -> None:
    async with world.reader(Role.OPERATOR) as operator:
        assert (await _put(operator, 7)).status_code == 403
        assert (await operator.get("/retention", shop="one.example"))["payload_days"] is None
