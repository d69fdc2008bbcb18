"""What is kept of the data a task received and of the requests it made. Pure."""

from collections.abc import Mapping
from typing import NamedTuple
from uuid import UUID

from query_api.recorder.events import Json
from shared.envelope import Call, Payload, State, Transition
from shared.exchange_facts import bare_facts, sealed_facts
from shared.vault import DataKey

LARGEST_BODY_OF_A_CALL = 1 << 20


class PayloadRow(NamedTuple):
    """A row of ledger.payloads; bodies, addresses and headers in the clear until `sealed`."""

    task_id: UUID
    attempt: int
    position: int
    shop_id: int
    meta: Json
    sent: bytes | None
    received: bytes | None


def payload_rows(transition: Transition) -> list[PayloadRow]:
    """Position 0 of attempt 1 is what the task received; a retry carries the same, not to be kept twice."""
    rows = [
        _row(transition, position, call) for position, call in enumerate(transition.detail.calls, start=1)
    ]
    if transition.payload is not None and transition.state is State.QUEUED:
        rows.append(_received(transition, transition.payload))
    return rows


def sealed(row: PayloadRow, keys: Mapping[int, DataKey]) -> PayloadRow:
    """Without the shop's key what would be sealed is left out, and `meta` says so."""
    key = keys.get(row.shop_id)
    if key is None:
        meta = bare_facts(row.meta) | {"bodies": "not kept: the shop has no usable key"}
        return row._replace(meta=meta, sent=None, received=None)
    return row._replace(
        meta=sealed_facts(row.meta, key, row.task_id),
        sent=_seal(key, row.sent, row.task_id),
        received=_seal(key, row.received, row.task_id),
    )


def _seal(key: DataKey, body: bytes | None, task_id: UUID) -> bytes | None:
    return None if body is None else key.seal(body, task_id)


def _received(transition: Transition, payload: Payload) -> PayloadRow:
    meta = {
        "topic": payload.topic,
        "content_type": payload.content_type,
        "headers": payload.headers,
        "received_bytes": len(payload.body),
    }
    return PayloadRow(
        transition.task.id,
        transition.attempt,
        0,
        transition.task.shop_id,
        meta,
        sent=None,
        received=payload.body,
    )


def _row(transition: Transition, position: int, call: Call) -> PayloadRow:
    meta = {
        "api": call.api,
        "method": call.method,
        "url": call.url,
        "started_at": call.started_at.isoformat(),
        "duration_ms": call.duration_ms,
        "status": call.status,
        "error": call.error,
        "request_headers": call.request_headers,
        "response_headers": call.response_headers,
        "sent_bytes": len(call.request_body),
        "received_bytes": len(call.response_body),
    }
    cut = [
        name
        for name, body in (("sent", call.request_body), ("received", call.response_body))
        if _is_long(body)
    ]
    return PayloadRow(
        transition.task.id,
        transition.attempt,
        position,
        transition.task.shop_id,
        meta | ({"cut": cut} if cut else {}),
        sent=_kept(call.request_body),
        received=_kept(call.response_body),
    )


def _is_long(body: bytes) -> bool:
    return len(body) > LARGEST_BODY_OF_A_CALL


def _kept(body: bytes) -> bytes | None:
    """None for no body at all."""
    return body[:LARGEST_BODY_OF_A_CALL] or None
