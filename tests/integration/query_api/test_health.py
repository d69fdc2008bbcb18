"""What the process says about itself."""

import re
from collections.abc import AsyncIterator

import pytest

from query_api.app import build_app
from query_api.repository.connections import schema_revision
from query_api.settings import QueryApiSettings
from shared.db.revisions import newest_revision
from tests.integration.query_api.world import Api, World, client_of


@pytest.fixture
async def world(settings: QueryApiSettings) -> AsyncIterator[World]:
    """With an app of its own, because what one found out about its health it remembers for a moment."""
    app = build_app(settings)
    async with app.router.lifespan_context(app):
        yield World(app, app.state.backend.pool, app.state.backend.vault)


async def test_it_lives_and_is_ready(world: World) -> None:
    async with client_of(world.app) as client:
        assert (await client.get("/livez")).status_code == 200
        answer = await client.get("/readyz")
        assert (answer.status_code, answer.json()) == (200, {"ready": True, "problems": {}})
    assert await schema_revision(world.pool) == newest_revision()


async def test_it_is_not_ready_for_an_old_schema(world: World) -> None:
    await world.pool.execute("UPDATE alembic_version SET version_num = '0000'")
    async with client_of(world.app) as client:
        answer = await client.get("/readyz")
        assert answer.status_code == 503
        assert "query-api migrate" in answer.json()["problems"]["schema"]


async def test_it_is_not_ready_without_its_database(world: World) -> None:
    await world.pool.close()
    async with client_of(world.app) as client:
        answer = await client.get("/readyz")
        assert (answer.status_code, set(answer.json()["problems"])) == (503, {"database", "schema"})
        assert (await client.get("/livez")).status_code == 200


async def test_requests_are_measured_by_their_template(api: Api) -> None:
    await api.problem("/tasks/01a1fb91-ff99-71d3-aa3a-f4d46b0a18e8")
    await api.problem("/nothing-of-ours")
    metrics = (await api.client.get("/metrics")).text
    measured = re.findall(r"syncledger_http_request_seconds_count{(.*)}", metrics)
    assert 'method="GET",route="/api/v1/tasks/{task_id}",status="404"' in measured
    assert 'method="GET",route="unknown",status="404"' in measured
    assert "01a1fb91" not in metrics
    assert "nothing-of-ours" not in metrics


async def test_long_answers_are_compressed(api: Api) -> None:
    answer = await api.client.get("/api/v1/openapi.json", headers={"Accept-Encoding": "gzip"})
    assert answer.headers["content-encoding"] == "gzip"
