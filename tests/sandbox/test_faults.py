"""Faults on demand: what a caller of a misbehaving system sees, and what happened behind its back."""

import time
from dataclasses import replace
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import pytest

from sandbox.engage.app import build_engage
from sandbox.engage.door import CALLS_PER_SECOND, RateWindow
from sandbox.engage.herald import HookSettings
from sandbox.engage.refusals import Refusal
from sandbox.faults import Call, Fault, FaultBoard, FaultRule
from sandbox.sending.manners import svix_manners
from tests.sandbox.conftest import API_KEY, NOBODY_LISTENS
from tests.sandbox.documents import receipt
from tests.sandbox.running import served

RECEIPTS = "/api/v3/receipts"


async def arm(control: httpx.AsyncClient, **rule: Any) -> None:
    answer = await control.put("/faults", json=[{"system": "engage", "route": f"POST {RECEIPTS}", **rule}])
    assert answer.status_code == 200, answer.text


async def receipts_kept(control: httpx.AsyncClient) -> int:
    return int((await control.get("/engage/counts")).json()["receipts"])


@pytest.mark.parametrize(
    ("fault", "status"),
    [("rate_limited", 429), ("unavailable", 503), ("unauthorised", 401), ("server_error", 500)],
)
async def test_a_refusing_fault_has_no_effect_and_stops_after_its_times(
    crm: httpx.AsyncClient, control: httpx.AsyncClient, kim: dict[str, Any], fault: str, status: int
) -> None:
    await arm(control, fault=fault, times=1)
    assert (await crm.post(RECEIPTS, json=receipt())).status_code == status
    assert await receipts_kept(control) == 0
    assert (await crm.post(RECEIPTS, json=receipt())).status_code == 202
    (rule,) = (await control.get("/faults")).json()
    assert (rule["considered"], rule["injected"]) == (2, 1)


@pytest.mark.parametrize("retry_after", ["2", "2.0", "Sat, 21 Nov 2026 09:00:00 GMT", None])
async def test_retry_after_is_sent_as_given(
    crm: httpx.AsyncClient, control: httpx.AsyncClient, retry_after: str | None
) -> None:
    await arm(control, fault="rate_limited", retry_after=retry_after)
    assert (await crm.post(RECEIPTS, json={})).headers.get("Retry-After") == retry_after


async def test_retry_after_may_be_a_date_some_seconds_from_now(
    crm: httpx.AsyncClient, control: httpx.AsyncClient
) -> None:
    await arm(control, fault="unavailable", retry_after="http-date+30")
    moment = parsedate_to_datetime((await crm.post(RECEIPTS, json={})).headers["Retry-After"])
    assert 28 <= moment.timestamp() - time.time() <= 31


@pytest.mark.parametrize(("fault", "kept"), [("reset_before", 0), ("reset_after_effect", 1)])
async def test_a_reset_closes_the_connection_before_or_after_the_effect(
    crm: httpx.AsyncClient, control: httpx.AsyncClient, kim: dict[str, Any], fault: str, kept: int
) -> None:
    await arm(control, fault=fault, times=1)
    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        await crm.post(RECEIPTS, json=receipt())
    assert await receipts_kept(control) == kept
    assert (await crm.post(RECEIPTS, json=receipt())).status_code == 202
    assert await receipts_kept(control) == 1
    listed = (await control.get("/engage/requests")).json()["requests"]
    statuses = [request["status"] for request in listed]
    assert statuses == [202, None, 201]


async def test_a_malformed_answer_comes_after_the_effect_and_is_not_json(
    crm: httpx.AsyncClient, control: httpx.AsyncClient, kim: dict[str, Any]
) -> None:
    await arm(control, fault="malformed")
    answer = await crm.post(RECEIPTS, json=receipt())
    assert answer.headers["Content-Type"] == "application/json"
    with pytest.raises(ValueError, match=r".+"):
        answer.json()
    assert await receipts_kept(control) == 1


async def test_a_slow_answer_comes_after_the_effect(
    crm: httpx.AsyncClient, control: httpx.AsyncClient, kim: dict[str, Any]
) -> None:
    await arm(control, fault="slow", delay_ms=2_000)
    with pytest.raises(httpx.ReadTimeout):
        await crm.post(RECEIPTS, json=receipt(), timeout=0.2)
    assert await receipts_kept(control) == 1


async def test_a_fault_concerns_only_its_route_and_system(
    crm: httpx.AsyncClient, control: httpx.AsyncClient
) -> None:
    rules = [
        {"system": "engage", "route": "GET /api/v3/contacts/{id}", "fault": "unavailable"},
        {"system": "shopify", "route": "*", "fault": "unavailable"},
    ]
    await control.put("/faults", json=rules)
    assert (await crm.get("/api/v3/contacts/id", params={"email": "a@example.com"})).status_code == 503
    assert (await crm.get("/api/v3/contacts/Member/byexternalid/1")).status_code == 404
    assert (await crm.get("/api/v3/stores")).status_code == 200


async def test_removed_faults_are_gone_and_say_what_they_did(
    crm: httpx.AsyncClient, control: httpx.AsyncClient
) -> None:
    await arm(control, fault="unavailable")
    await crm.post(RECEIPTS, json={})
    (done,) = (await control.delete("/faults")).json()
    assert done["injected"] == 1
    assert (await control.get("/faults")).json() == []


@pytest.mark.parametrize(
    "rule",
    [{"fault": "on_fire"}, {"fault": "slow", "probability": 2}, {"fault": "slow", "route": "receipts"}],
)
async def test_a_rule_that_makes_no_sense_is_refused(
    control: httpx.AsyncClient, rule: dict[str, Any]
) -> None:
    assert (await control.put("/faults", json=[{"system": "engage", **rule}])).status_code == 422
    assert (await control.get("/faults")).json() == []


def test_the_same_seed_hits_the_same_requests() -> None:
    rule = FaultRule(system="engage", fault=Fault.SLOW, probability=0.3)

    def hits(seed: str) -> list[bool]:
        board = FaultBoard(seed)
        board.arm([rule])
        return [board.strike(Call("engage", "GET", "/")) is not None for _ in range(200)]

    assert hits("a") == hits("a") != hits("b")
    assert 30 < sum(hits("a")) < 90


def test_a_key_may_make_two_hundred_calls_in_a_second_and_no_more() -> None:
    now = 100.0
    window = RateWindow(lambda: now)
    for _ in range(CALLS_PER_SECOND):
        window.admit()
    with pytest.raises(Refusal, match="429"):
        window.admit()
    now = 101.0
    window.admit()


async def test_too_many_calls_are_answered_429() -> None:
    hooks = HookSettings(shop="any", enabled=False)
    engage = build_engage(API_KEY, FaultBoard("any"), hooks, svix_manners(1), receiver=NOBODY_LISTENS)
    engage = replace(engage, clock=lambda: 100.0)
    headers = {"apikey": API_KEY, "User-Agent": "tests/1"}
    async with served(engage.app) as url, httpx.AsyncClient(base_url=url, headers=headers) as client:
        statuses = [(await client.get("/api/v3/consents")).status_code for _ in range(CALLS_PER_SECOND + 1)]
    assert statuses == [200] * CALLS_PER_SECOND + [429]
