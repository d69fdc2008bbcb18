"""One task: its properties, transitions, relatives and data."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from msgspec.structs import replace

from query_api.auth import Role
from shared.envelope import Call, Payload, State, TaskHeader, utc_now
from shared.tasks import TaskType
from tests.factories import header, transition
from tests.integration.query_api.world import Api, World, ago, task_id_at
from tests.integration.recorder.histories import FAILURE, life

BIG = 12345678901234567890
ORDER = b'{"id": 820982911946154508, "note": "\xc3\xa5\xc3\xa4\xc3\xb6", "total": 12345678901234567890.10}'
NOT_TEXT = b"\x00\xff\xfe\x80<script>"


async def _account(world: World, shop: int) -> int:
    account_id: int = await world.pool.fetchval(
        "INSERT INTO store.accounts (shop_id, kind, name, base_url, credentials) "
        "VALUES ($1, 'engage', 'main', 'http://crm.example', '') RETURNING id",
        shop,
    )
    return account_id


async def _task_with_data(world: World, shop: int) -> TaskHeader:
    """A task that received an order, called twice and failed."""
    task = header(type=TaskType.SYNC_ORDER, shop_id=shop, id=task_id_at(ago(seconds=9)))
    payload = Payload(body=ORDER, topic="orders/create", headers={"X-Shopify-Topic": "orders/create"})
    story = life(task, [State.FAILED], begins_at=ago(seconds=9))
    story[0] = replace(story[0], payload=payload)
    url = "http://crm.example/contacts?email=kim%40example.com"
    call: dict[str, Any] = {"api": "engage", "method": "GET", "url": url}
    calls = [
        Call(**call, started_at=utc_now(), duration_ms=12.5, status=404, response_body=NOT_TEXT),
        Call(**call, started_at=utc_now(), duration_ms=30, request_body=b'{"a": 1}', error="read timeout"),
    ]
    detail = replace(story[-1].detail, calls=calls, summary={"big": BIG, "small": 7})
    await world.record([*story[:-1], replace(story[-1], detail=detail)])
    return task


async def test_all_properties_with_the_error_and_its_remedy(world: World, shop: int, api: Api) -> None:
    account = await _account(world, shop)
    task = await world.record_task(
        State.RETRYING, State.FAILED, shop_id=shop, account_id=account, begins_at=ago(seconds=9)
    )
    body = await api.get(f"/tasks/{task.id}")
    shown = body["task"]
    assert (shown["state"], shown["attempt"], shown["shop"]) == ("failed", 2, "one.example")
    assert (shown["account"], shown["account_id"]) == ("engage main", str(account))
    assert shown["description"]
    assert shown["error"] == {
        "kind": FAILURE.kind,
        "message": FAILURE.message,
        "http_status": 503,
        "response_excerpt": "busy",
        "is_withheld": False,
        "place": FAILURE.place,
        "remedy": FAILURE.remedy,
        "fingerprint": "f1",
    }


async def test_parent_follow_ups_and_retries_are_linked(world: World, shop: int, api: Api) -> None:
    parent = await world.record_task(
        State.SUCCEEDED, shop_id=shop, type=TaskType.ORDER_WEBHOOK, begins_at=ago(days=3)
    )
    family = {"parent_id": parent.id, "root_id": parent.id, "shop_id": shop, "type": TaskType.INDEX_ORDER}
    child = await world.record_task(State.FAILED, begins_at=ago(days=3, seconds=-1), **family)
    sibling = await world.record_task(State.SUCCEEDED, begins_at=ago(days=3, seconds=-2), **family)
    retry = await world.record_task(State.SUCCEEDED, retry_of=child.id, begins_at=ago(hours=1), **family)
    shown = (await api.get(f"/tasks/{parent.id}"))["task"]
    assert [task["id"] for task in shown["follow_ups"]] == [str(child.id), str(sibling.id), str(retry.id)]
    assert (shown["parent"], shown["has_more_related"]) == (None, False)
    shown = (await api.get(f"/tasks/{child.id}"))["task"]
    assert (shown["parent"]["id"], shown["parent"]["type"]) == (str(parent.id), "OrderWebhook")
    assert [task["id"] for task in shown["retries"]] == [str(retry.id)]
    shown = (await api.get(f"/tasks/{retry.id}"))["task"]
    assert (shown["retry_of"], shown["retried"]["state"]) == (str(child.id), "failed")


async def test_of_very_many_follow_ups_the_first_hundred_are_listed(
    world: World, shop: int, api: Api
) -> None:
    parent = await world.record_task(State.SUCCEEDED, shop_id=shop, begins_at=ago(minutes=5))
    children = [header(id=task_id_at(ago(minutes=4)), shop_id=shop, parent_id=parent.id) for _ in range(101)]
    await world.record(transition(task=child) for child in children)
    shown = (await api.get(f"/tasks/{parent.id}"))["task"]
    assert (len(shown["follow_ups"]), shown["has_more_related"]) == (100, True)


async def test_every_transition_is_listed_in_order(world: World, shop: int, api: Api) -> None:
    trace = "0af7651916cd43dd8448eb211c80319c"
    traceparent = f"00-{trace}-b7ad6b7169203331-01"
    task = await world.record_task(
        State.RETRYING, State.SUCCEEDED, shop_id=shop, begins_at=ago(seconds=9), traceparent=traceparent
    )
    events = (await api.get(f"/tasks/{task.id}/events"))["events"]
    assert [(event["attempt"], event["state"]) for event in events] == [
        (1, "queued"),
        (1, "processing"),
        (1, "retrying"),
        (2, "processing"),
        (2, "succeeded"),
    ]
    assert {event["trace_id"] for event in events} == {trace}
    assert events[2]["detail"]["failure"]["remedy"] == FAILURE.remedy
    assert events[2]["detail"]["delay_ms"] == 1_500
    assert all(event["recorded_at"] >= event["occurred_at"] for event in events[:1])


async def test_a_task_is_shown_as_it_was(world: World, shop: int, api: Api) -> None:
    task = await world.record_task(State.RETRYING, State.SUCCEEDED, shop_id=shop, begins_at=ago(seconds=60))
    moment = (task.queued_at + timedelta(seconds=3)).isoformat()
    assert (await api.get(f"/tasks/{task.id}", as_of=moment))["task"]["state"] == "retrying"
    assert len((await api.get(f"/tasks/{task.id}/events", as_of=moment))["events"]) == 3
    before = (task.queued_at - timedelta(seconds=1)).isoformat()
    assert (await api.problem(f"/tasks/{task.id}", as_of=before))["status"] == 404
    assert (await api.problem(f"/tasks/{task.id}", as_of="2999-01-01T00:00:00Z"))["errors"][0][
        "field"
    ] == "as_of"


async def test_data_is_given_back_exactly(world: World, shop: int, api: Api) -> None:
    task = await _task_with_data(world, shop)
    received, asked, sent = (await api.get(f"/tasks/{task.id}/payloads"))["payloads"]
    assert (received["kind"], received["meta"]["topic"]) == ("received", "orders/create")
    assert (received["received"]["encoding"], received["received"]["body"]) == ("text", ORDER.decode())
    assert received["sent"] is None
    assert (asked["kind"], asked["meta"]["status"], asked["received"]["encoding"]) == ("call", 404, "base64")
    assert (sent["sent"]["body"], sent["meta"]["error"], sent["received"]) == (
        '{"a": 1}',
        "read timeout",
        None,
    )
    for entry, side, content in (
        (received, "received", ORDER),
        (asked, "received", NOT_TEXT),
        (sent, "sent", b'{"a": 1}'),
    ):
        answer = await api.client.get(entry[side]["raw"])
        assert (answer.status_code, answer.content) == (200, content)
        assert answer.headers["content-type"] == "application/octet-stream"
        assert answer.headers["content-disposition"].startswith("attachment; ")
        assert answer.headers["x-content-type-options"] == "nosniff"


async def test_numbers_too_large_for_floats_are_text(world: World, shop: int, api: Api) -> None:
    task = await _task_with_data(world, shop)
    assert (await api.get(f"/tasks/{task.id}"))["task"]["summary"] == {"big": str(BIG), "small": 7}
    events = (await api.get(f"/tasks/{task.id}/events"))["events"]
    assert events[-1]["detail"]["summary"]["big"] == str(BIG)


async def test_data_is_laid_out_for_reading_where_it_is_json(world: World, shop: int, api: Api) -> None:
    task = await _task_with_data(world, shop)
    laid_out = (await api.get(f"/tasks/{task.id}/payloads", layout="pretty"))["payloads"]
    received, asked, sent = laid_out
    assert received["received"]["body"].splitlines()[1] == '  "id": 820982911946154508,'
    assert "12345678901234567890.10" in received["received"]["body"]
    assert [one["layout"] for one in (received["received"], asked["received"], sent["sent"])] == [
        "pretty",
        "raw",
        "pretty",
    ]
    problem = await api.problem(f"/tasks/{task.id}/payloads", layout="ugly")
    assert (problem["status"], problem["errors"][0]["field"]) == (400, "layout")


@pytest.mark.parametrize("place", ["1.9.sent", "2.0.received", "1.0.sent", "1.1.sent"])
async def test_a_place_without_data_is_not_found(world: World, shop: int, api: Api, place: str) -> None:
    task = await _task_with_data(world, shop)
    assert (await api.problem(f"/tasks/{task.id}/payloads/{place}"))["status"] == 404


async def test_a_place_that_is_none_is_refused(world: World, shop: int, api: Api) -> None:
    task = await _task_with_data(world, shop)
    for place in ("1.0", "0.1.sent", "1.0.both", "1.0.sent.x"):
        problem = await api.problem(f"/tasks/{task.id}/payloads/{place}")
        assert (problem["status"], problem["errors"][0]["field"]) == (400, "place")


async def test_erased_data_is_said_to_be_erased(world: World, shop: int, api: Api) -> None:
    task = await _task_with_data(world, shop)
    await world.pool.execute("UPDATE store.shops SET data_key = $1", world.vault.new_data_key())
    entries = (await api.get(f"/tasks/{task.id}/payloads"))["payloads"]
    assert [entry["is_erased"] for entry in entries] == [True, True, True]
    assert all(entry["sent"] is None and entry["received"] is None for entry in entries)
    assert (await api.problem(f"/tasks/{task.id}/payloads/1.0.received"))["status"] == 404


async def test_data_is_not_for_viewers(world: World, shop: int) -> None:
    task = await _task_with_data(world, shop)
    async with world.reader(Role.VIEWER) as viewer:
        for path in ("/payloads", "/payloads/1.0.received"):
            problem = await viewer.problem(f"/tasks/{task.id}{path}")
            assert (problem["status"], problem["type"]) == (403, "urn:syncledger:problem:forbidden")
        error, events = await _answers(viewer, task)
        assert (error["response_excerpt"], error["is_withheld"]) == (None, True)
        assert [event["is_withheld"] for event in events] == [False, False, True]
        assert "kim" not in str(events)
        assert "busy" not in str(events)
    async with world.reader(Role.OPERATOR) as operator:
        assert len((await operator.get(f"/tasks/{task.id}/payloads"))["payloads"]) == 3
        error, events = await _answers(operator, task)
        assert (error["response_excerpt"], error["is_withheld"]) == ("busy", False)
        assert events[-1]["detail"]["failure"]["response_excerpt"] == "busy"
        assert not any(event["is_withheld"] for event in events)


async def _answers(reader: Api, task: TaskHeader) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Where a failed task tells what the other side said."""
    shown = (await reader.get(f"/tasks/{task.id}"))["task"]["error"]
    return shown, (await reader.get(f"/tasks/{task.id}/events"))["events"]


async def test_a_foreign_task_does_not_exist(world: World, shop: int) -> None:
    task = await _task_with_data(world, shop)
    other = await world.add_shop("other")
    missing = UUID(int=task.id.int + 1)
    async with world.reader(Role.ADMIN, shop_ids=[other]) as foreign:
        for path in ("", "/events", "/payloads", "/payloads/1.0.received"):
            answers: list[dict[str, Any]] = [
                await foreign.problem(f"/tasks/{task_id}{path}") for task_id in (task.id, missing)
            ]
            assert answers[0] == answers[1]
            assert answers[0]["status"] == 404


async def test_a_type_that_left_the_catalogue_is_still_shown(world: World, shop: int, api: Api) -> None:
    task = await world.record_task(State.SUCCEEDED, shop_id=shop)
    await world.pool.execute("UPDATE ledger.tasks SET type = 'FormerTask'")
    shown = (await api.get(f"/tasks/{task.id}"))["task"]
    assert (shown["type"], shown["group"], shown["description"]) == ("FormerTask", "other", "")
