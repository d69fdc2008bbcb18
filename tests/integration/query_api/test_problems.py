"""Requests that can not be answered say which field is wrong and what to do."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from shared.envelope import State, utc_now
from tests.integration.query_api.world import Api, World, ago, client_of


@pytest.mark.parametrize(
    ("parameters", "field"),
    [
        ({"state": "nonsense"}, "state"),
        ({"type": "Nonsense"}, "type"),
        ({"shop": "nowhere.example"}, "shop"),
        ({"limit": 0}, "limit"),
        ({"limit": 501}, "limit"),
        ({"limit": "many"}, "limit"),
        ({"sort": "colour"}, "sort"),
        ({"as_of": "2026-11-21T08:00:00Z", "sort": "duration"}, "sort"),
        ({"account": "999"}, "account"),
        ({"type": "SyncOrder", "group": "refund sync"}, "type"),
        ({"order_number": "\0"}, "order_number"),
        ({"q": "\0"}, "q"),
        ({"attempts_min": "0"}, "attempts_min"),
        ({"created_from": "yesterday"}, "created_from"),
        ({"created_to": "2026-11-21T08:00:00"}, "created_to"),
        ({"as_of": "2999-01-01T00:00:00Z"}, "as_of"),
        ({"sate": "failed"}, "sate"),
        ({"cursor": "%%%"}, "cursor"),
        ({"cursor": "bm90IGEgY3Vyc29y"}, "cursor"),
    ],
    ids=str,
)
async def test_a_wrong_parameter_is_named(api: Api, parameters: dict[str, Any], field: str) -> None:
    problem = await api.problem("/tasks", **parameters)
    assert problem["status"] == 400
    assert [error["field"] for error in problem["errors"]] == [field]
    assert problem["errors"][0]["message"]


async def test_a_cursor_of_another_query_is_refused(world: World, shop: int, api: Api) -> None:
    for _ in range(3):
        await world.record_task(State.FAILED, shop_id=shop)
    cursor = (await api.get("/tasks", limit=1, state="failed"))["next"]
    assert len(await api.ids(cursor=cursor, state="failed", limit=2)) == 2
    assert len(await api.ids(cursor=cursor, state="error", limit=2)) == 2
    for other in (
        {},
        {"state": "success"},
        {"state": "failed", "sort": "created"},
        {"state": "failed", "type": "SyncOrder"},
    ):
        problem = await api.problem("/tasks", cursor=cursor, **other)
        assert "another query" in problem["detail"]


async def test_unknown_addresses_and_methods_are_problems_too(api: Api) -> None:
    assert (await api.problem("/nothing"))["status"] == 404
    assert (await api.problem("/tasks/no-uuid"))["errors"][0]["field"] == "task_id"
    answer = await api.client.post("/api/v1/tasks")
    assert (answer.status_code, answer.headers["content-type"]) == (405, "application/problem+json")


async def test_only_good_tokens_open_the_api(world: World, shop: int) -> None:
    expired = await world.token(expires_at=ago(seconds=1))
    good = await world.token(expires_at=utc_now() + timedelta(minutes=1))
    revoked = await world.token()
    await world.pool.execute("UPDATE admin.api_tokens SET revoked_at = now() WHERE id = 3")
    cases = {
        "": 401,
        "Basic eDp5": 401,
        "Bearer sl_unknown": 401,
        f"Bearer {expired}": 401,
        f"Bearer {revoked}": 401,
    }
    async with client_of(world.app) as client:
        for header, status in (cases | {f"Bearer {good}": 200}).items():
            for path in (
                "/tasks",
                "/stats",
                "/shops",
                "/rejections",
                "/tasks/00000000-0000-7000-8000-000000000000",
            ):
                answer = await client.get(
                    f"/api/v1{path}", headers={"Authorization": header} if header else {}
                )
                assert answer.status_code == (404 if status == 200 and "000" in path else status), (
                    header,
                    path,
                )
                if status == 401:
                    assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_a_token_is_noted_as_used(world: World, shop: int, api: Api) -> None:
    await api.get("/shops")
    assert await world.pool.fetchval("SELECT last_used_at FROM admin.api_tokens") is not None


async def test_answers_are_not_cached_framed_or_sniffed(api: Api) -> None:
    for path in ("/api/v1/shops", "/api/v1/nothing", "/sign-in"):
        headers = (await api.client.get(path)).headers
        assert headers["cache-control"] == "no-store"
        assert headers["x-content-type-options"] == "nosniff"
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert "access-control-allow-origin" not in headers
        assert "strict-transport-security" not in headers
    api.client.base_url = httpx.URL("https://console.example")
    assert "strict-transport-security" in (await api.client.get("/api/v1/shops")).headers


async def test_a_fault_of_ours_has_the_same_headers_and_tells_nothing(world: World, api: Api) -> None:
    backend, world.app.state.backend = world.app.state.backend, None
    answer = await api.client.get("/api/v1/shops")
    world.app.state.backend = backend
    assert (answer.status_code, answer.headers["cache-control"]) == (500, "no-store")
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert "NoneType" not in answer.text


async def test_a_database_that_is_away_is_a_503_that_says_when_to_come_back(world: World, api: Api) -> None:
    await world.pool.close()
    answer = await api.client.get("/api/v1/shops")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert answer.json()["type"] == "urn:syncledger:problem:database-unavailable"


async def test_the_description_names_every_route_and_its_problems(api: Api) -> None:
    document = (await api.client.get("/api/v1/openapi.json")).json()
    assert {path.removeprefix("/api/v1") for path in document["paths"]} == {
        "/tasks",
        "/tasks/export",
        "/events",
        "/tasks/count",
        "/tasks/{task_id}",
        "/tasks/{task_id}/events",
        "/tasks/{task_id}/tree",
        "/tasks/{task_id}/retry",
        "/tasks/{task_id}/cancel",
        "/tasks/{task_id}/payloads",
        "/tasks/{task_id}/payloads/{place}",
        "/stats",
        "/stats/series",
        "/stats/types",
        "/stats/accounts",
        "/stats/suppliers",
        "/failures",
        "/failures/{fingerprint}",
        "/failures/{fingerprint}/resolve",
        "/failures/{fingerprint}/reopen",
        "/rejections",
        "/missed-webhooks",
        "/shops",
        "/shops/{domain}",
        "/accounts",
        "/accounts/{account_id}",
        "/accounts/{account_id}/test",
        "/actions/publish-all-orders",
        "/actions/fetch-all-orders",
        "/actions/fetch-all-products",
        "/connections",
        "/connections/{account_id}/history",
        "/connections/{account_id}/update",
        "/shipments",
        "/shipments.csv",
        "/shipments/sync",
        "/shipments/{shipment_id}",
        "/shipments/{shipment_id}/sync",
        "/shipments/{shipment_id}/done-by-hand",
        "/operations",
        "/operations/{operation_id}",
        "/operations/{operation_id}/file",
        "/operations/{operation_id}/abort",
        "/operations/{operation_id}/pause",
        "/operations/{operation_id}/resume",
        "/orders",
        "/orders/{order}/timeline",
        "/runs",
        "/imports",
        "/imports/{import_id}",
        "/imports/{import_id}/failures",
        "/imports/{import_id}/stop",
        "/alerts",
        "/alerts/proofs",
        "/alerts/settings",
        "/alerts/suggestion",
        "/alerts/test",
        "/alerts/would-fire",
        "/alerts/{alert_id}",
        "/alerts/{alert_id}/acknowledge",
        "/alerts/{alert_id}/mute",
        "/alerts/{alert_id}/unmute",
        "/retention",
        "/me",
        "/me/sign-out",
        "/audit",
        "/tokens",
        "/tokens/{token_id}",
        "/tokens/{token_id}/revoke",
        "/tokens/{token_id}/sign-out",
        "/rejections/kinds",
        "/privacy-requests",
        "/privacy-requests/{request_id}/export",
    }
    for path, methods in document["paths"].items():
        for operation in methods.values():
            assert operation["summary"], path
            assert operation["description"], path
            assert all(parameter["description"] for parameter in operation.get("parameters", [])), path
            assert {"401", "429", "503"} <= set(operation["responses"]), path
            assert {"200", "201", "202"} & set(operation["responses"]), path
            assert "422" not in operation["responses"], path
            assert operation["security"], path
