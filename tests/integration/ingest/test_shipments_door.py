"""The door of shipping software: signed, or with an API token; what can not be used is said at once."""

from collections.abc import Mapping
from datetime import UTC, datetime

import asyncpg
import httpx
import orjson
import pytest

from shared.api_tokens import hash_of
from shared.envelope import TaskHeader, Transition, decode
from shared.tasks import TaskType
from tests.integration.ingest.running import Ingest, Shop, add_shop, ready_ingest, running_ingest, take
from tests.integration.ingest.senders import Headers, add_sender, message_headers
from tests.waiting import eventually

PACKAGE = {
    "id": "P1",
    "label": "LBL-1",
    "carrier": "UPS",
    "tracking_number": "1Z999",
    "shipped_at": datetime.now(UTC).isoformat(),
    "items": [{"sku": "TENT", "quantity": 1}],
}
MESSAGE = {"order": {"number": "#1042"}, "shipment_id": "S-1", "packages": [PACKAGE]}
BODY = orjson.dumps(MESSAGE)
TOKEN = "sl_a-token-of-this-test"
JSON = {"content-type": "application/json"}


async def _post(ingest: Ingest, shop: Shop, headers: Mapping[str, str], body: bytes = BODY) -> httpx.Response:
    return await ingest.client.post(f"/shipments/{shop.domain}", content=body, headers=dict(headers))


def _bearer(token: str = TOKEN, **headers: str) -> Headers:
    return {
        **JSON,
        "authorization": f"Bearer {token}",
        **{k.replace("_", "-"): v for k, v in headers.items()},
    }


async def _add_token(
    database_url: str, *, token: str = TOKEN, role: str = "operator", shops: list[int] | None = None
) -> None:
    connection = await asyncpg.connect(database_url)
    await connection.execute(
        "INSERT INTO admin.api_tokens (name, token_hash, prefix, role, shop_ids) "
        "VALUES ('packing', $1, 'x', $2, $3)",
        hash_of(token),
        role,
        shops,
    )
    await connection.close()


async def _status(ingest: Ingest, shop: Shop, headers: Headers) -> int:
    return (await _post(ingest, shop, headers)).status_code


async def _taken(rabbitmq_url: str, count: int) -> list[Transition]:
    return [decode(message)[0] for message in await take(rabbitmq_url, "writeback", count)]


async def _tasks(rabbitmq_url: str, count: int) -> list[TaskHeader]:
    return [transition.task for transition in await _taken(rabbitmq_url, count)]


async def test_a_signed_message_becomes_a_task_of_its_account(
    ingest: Ingest, shop: Shop, database_url: str, rabbitmq_url: str
) -> None:
    account_id = await add_sender(database_url, shop, "shipper")

    async def is_accepted() -> bool:
        return await _status(ingest, shop, message_headers(BODY)) == 200

    await eventually(is_accepted)
    [transition, *_] = await _taken(rabbitmq_url, 1)
    task = transition.task
    assert (task.type, task.shop_id, task.account_id) == (TaskType.SHIPMENT_RECEIVED, shop.id, account_id)
    assert (task.source_id, task.order_number) == ("S-1", "#1042")
    assert transition.payload is not None
    assert transition.payload.body == BODY
    assert not [name for name in transition.payload.headers if "signature" in name]


async def test_a_token_is_taken_and_named_but_never_kept(
    ingest: Ingest, shop: Shop, database_url: str, rabbitmq_url: str
) -> None:
    await _add_token(database_url, shops=[shop.id])
    answer = await _post(ingest, shop, _bearer())
    assert answer.status_code == 200, answer.text
    [transition] = await _taken(rabbitmq_url, 1)
    assert answer.json() == {"task_id": str(transition.task.id), "shipment_id": "S-1"}
    assert (transition.task.account_id, transition.detail.actor) == (None, "packing")
    assert TOKEN not in str(transition)

    async def is_noted() -> bool:
        [row] = await ingest.fetch("SELECT last_used_at FROM admin.api_tokens")
        return row["last_used_at"] is not None

    await eventually(is_noted)


async def test_the_sender_is_told_the_id_that_was_made_and_what_is_left_out(
    ingest: Ingest, shop: Shop, database_url: str
) -> None:
    await _add_token(database_url, role="admin")
    message = {"order": {"id": 5523}, "packages": [PACKAGE, {**PACKAGE, "id": "P2", "label": ""}]}
    told = (await _post(ingest, shop, _bearer(), orjson.dumps(message))).json()
    assert told["shipment_id"].startswith("SHP-")
    assert [(error["package"], error["field"]) for error in told["errors"]] == [("P2", "label")]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"", "body"),
        (b"{", "body"),
        (b"[]", "body"),
        (b"{}", "order"),
        (b'{"order": {"number": "1"}}', "packages"),
        (orjson.dumps({**MESSAGE, "packages": [{**PACKAGE, "items": []}]}), "items"),
    ],
    ids=["nothing", "no JSON", "a list", "no order", "no packages", "no items"],
)
async def test_422_names_the_field_when_nothing_can_be_used(
    ingest: Ingest, shop: Shop, database_url: str, body: bytes, field: str
) -> None:
    await _add_token(database_url)
    answer = await _post(ingest, shop, _bearer(), body)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert "task_id" not in answer.json()


async def test_401_403_and_404_for_whom_the_door_is_closed(
    ingest: Ingest, shop: Shop, database_url: str
) -> None:
    other = await add_shop(database_url)
    await _add_token(database_url, token="viewer", role="viewer")
    await _add_token(database_url, token="other", shops=[other.id])
    assert await _status(ingest, shop, _bearer("nobody")) == 401
    assert await _status(ingest, shop, _bearer("viewer")) == 403
    assert await _status(ingest, shop, _bearer("other")) == 403
    assert await _status(ingest, Shop("nobody.example.com"), _bearer("other")) == 404
    assert await _status(ingest, shop, message_headers(BODY)) == 401

    async def are_listed() -> bool:
        rows = await ingest.fetch("SELECT reason FROM ingest.rejections WHERE source = 'shipments'")
        return {row["reason"] for row in rows} >= {"bad_token", "not_allowed", "unknown_shop", "no_secret"}

    await eventually(are_listed)


async def test_400_names_what_is_missing(ingest: Ingest, shop: Shop) -> None:
    answer = await _post(ingest, shop, JSON)
    assert answer.status_code == 400
    assert "webhook-id (or Authorization)" in answer.json()["detail"]
    signed = message_headers(BODY)
    del signed["webhook-signature"]
    assert "webhook-signature is missing" in (await _post(ingest, shop, signed)).json()["detail"]
    assert await _status(ingest, shop, {**JSON, "authorization": "Basic eDp5"}) == 400


async def test_a_revoked_token_is_refused_within_seconds_and_an_expired_one_at_once(
    ingest: Ingest, shop: Shop, database_url: str
) -> None:
    await _add_token(database_url)
    assert await _status(ingest, shop, _bearer()) == 200
    await ingest.fetch("UPDATE admin.api_tokens SET revoked_at = now()")

    async def is_refused() -> bool:
        return await _status(ingest, shop, _bearer()) == 401

    await eventually(is_refused)
    await ingest.fetch("UPDATE admin.api_tokens SET revoked_at = NULL, expires_at = now()")
    assert await is_refused()


async def test_429_for_many_bad_tokens_never_for_good_ones(
    database_url: str, rabbitmq_url: str, shop: Shop
) -> None:
    await _add_token(database_url)
    async with ready_ingest(database_url, rabbitmq_url, bad_signature_limit=2) as ingest:
        statuses = [await _status(ingest, shop, _bearer("guess")) for _ in range(3)]
        assert statuses == [401, 401, 429]
        assert await _status(ingest, shop, _bearer()) == 200


async def test_an_idempotency_key_makes_two_posts_one_delivery(
    ingest: Ingest, shop: Shop, database_url: str, rabbitmq_url: str
) -> None:
    await _add_token(database_url)
    await _add_token(database_url, token="another")
    again = orjson.dumps({**MESSAGE, "note": "sent again"})
    for headers, body in (
        (_bearer(idempotency_key="k-1"), BODY),
        (_bearer(idempotency_key="k-1"), again),
        (_bearer(idempotency_key="k-2"), BODY),
        (_bearer("another", idempotency_key="k-1"), BODY),
    ):
        assert (await _post(ingest, shop, headers, body)).status_code == 200
    first, second, third, fourth = (task.delivery_key for task in await _tasks(rabbitmq_url, 4))
    assert first == second
    assert len({first, third, fourth}) == 3


async def test_without_a_key_the_same_body_is_the_same_delivery(
    ingest: Ingest, shop: Shop, database_url: str, rabbitmq_url: str
) -> None:
    await _add_token(database_url)
    answers = [await _post(ingest, shop, _bearer()) for _ in range(2)]
    await _post(ingest, shop, _bearer(), orjson.dumps({**MESSAGE, "shipment_id": "S-2"}))
    keys = [task.delivery_key for task in await _tasks(rabbitmq_url, 3)]
    assert len(set(keys)) == 2
    assert answers[1].json().get("duplicate") is True


async def test_with_the_broker_away_a_message_is_spooled(database_url: str, shop: Shop) -> None:
    await _add_token(database_url)
    async with running_ingest(database_url, "amqp://guest:guest@127.0.0.1:1/") as ingest:
        assert await _status(ingest, shop, _bearer()) == 200
        [row] = await ingest.fetch("SELECT routing_key FROM ingest.spool")
        assert row["routing_key"] == "queued.writeback.ShipmentReceived"


async def test_413_and_415(ingest: Ingest, shop: Shop, database_url: str) -> None:
    await _add_token(database_url)
    assert (await _post(ingest, shop, _bearer(), b" " * (6 * 1024 * 1024))).status_code == 413
    assert await _status(ingest, shop, _bearer() | {"content-type": "text/csv"}) == 415
