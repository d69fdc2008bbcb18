"""Whatever is asked, well-formed or not: the answer is one the OpenAPI document describes, and no 5xx."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from pydantic import SecretStr
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from starlette.types import Receive, Scope, Send

from query_api.routes import checking
from query_api.settings import QueryApiSettings
from tests.integration.query_api.shop_things import Things, things_of
from tests.integration.query_api.world import World, serving
from tests.sandbox.running import served
from tests.workers import open_world

pytestmark = pytest.mark.long

# More of them find more: DESCRIPTION_EXAMPLES=200 takes minutes.
EXAMPLES = int(os.environ.get("DESCRIPTION_EXAMPLES", "8"))
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
OWN_THINGS = {
    "task_id": "task",
    "fingerprint": "fingerprint",
    "order": "order_number",
    "account_id": "account",
    "import_id": "import",
    "operation_id": "operation",
    "shipment_id": "shipment",
    "alert_id": "alert",
    "request_id": "request",
    "token_id": "token",
    "shop": "domain",
}


@pytest.fixture(autouse=True)
def _nobody_waits_for_results(monkeypatch: pytest.MonkeyPatch) -> None:
    """There are no workers here that would try an account."""
    monkeypatch.setattr(checking, "PATIENCE_S", 0.0)


@pytest.fixture
async def world(settings: QueryApiSettings, database_url: str, rabbitmq_url: str) -> AsyncIterator[World]:
    """The API with a broker, for one who may ask as often as they like."""
    changes = {"rabbitmq_url": SecretStr(rabbitmq_url), "requests_per_minute": 1_000_000}
    async with open_world(database_url, rabbitmq_url), serving(settings, **changes) as world:
        yield world


async def test_every_answer_is_as_described(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    asked = 0
    own = await things_of(world, "own", 41)
    # Far from the numbers that are tried, so that nobody revokes the token in use.
    await world.pool.execute("ALTER TABLE admin.api_tokens ALTER COLUMN id RESTART WITH 4000000000")
    headers = {"Authorization": f"Bearer {await world.token()}"}

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        nonlocal asked
        assert scope["type"] == "http"
        asked += 1
        await world.app(scope, receive, send)

    async with served(app) as url:
        faults = await asyncio.to_thread(lambda: list(_faults(url, headers, own)))
    with capsys.disabled():
        print(f"\n{asked:,} requests made up from the description")  # noqa: T201
    assert not faults, "\n".join(faults)


def _faults(url: str, headers: dict[str, str], own: Things) -> Iterator[str]:
    """What is wrong, operation by operation."""
    schema = schemathesis.openapi.from_url(f"{url}/api/v1/openapi.json")
    found: Any
    for found in schema.get_all_operations():
        operation = found.ok()
        try:
            _check(operation, headers, own)()
        except (AssertionError, BaseExceptionGroup) as fault:
            yield f"{operation.label}: {_words(fault)}"


def _check(operation: Any, headers: dict[str, str], own: Things) -> Callable[[], None]:
    """Tries an operation with made-up things and with those that are there."""
    good, bad = (operation.as_strategy(generation_mode=mode) for mode in GenerationMode)

    @seed(6)
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=good | bad, is_there=st.booleans())
    def check(case: Any, is_there: bool) -> None:
        if is_there:
            _name_own(case, own)
        if operation.path == "/api/v1/events":
            case.query = {**(case.query or {}), "seconds": 0}
        case.call_and_validate(headers=headers, checks=CHECKS, timeout=30)

    return check


def _name_own(case: Any, own: Things) -> None:
    for named in (case.path_parameters, case.query):
        for name in set(named or ()) & set(OWN_THINGS):
            named[name] = own[OWN_THINGS[name]]
    if isinstance(case.body, dict) and "shop" in case.body:
        case.body["shop"] = own["domain"]


def _words(fault: BaseException) -> str:
    if isinstance(fault, BaseExceptionGroup):
        return "; ".join(_words(one) for one in fault.exceptions)
    return f"{type(fault).__name__} {fault}"[:1_500]
