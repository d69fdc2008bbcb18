"""The tasks that mend what a proof found."""

from collections.abc import Iterable
from datetime import datetime

from alerting.proving.proofs import Unpublished, remedy_id
from shared.envelope import Payload, Transition
from shared.polls import wish_since
from shared.starting import Start, started
from shared.tasks import TaskType

ACTOR = "alerting"


def tasks_of(proof: Unpublished, *, service: str, now: datetime) -> list[Transition]:
    """Always the same ones. None when the shop's account is gone."""
    return [
        started(start, service=service, now=now, task_id=task_id)
        for start in _starts(proof)
        if (task_id := remedy_id(proof.shop_id, proof.asked_at, start.type)) in proof.task_ids
    ]


def _starts(proof: Unpublished) -> Iterable[Start]:
    if proof.account_id is None:
        return
    payloads = {
        TaskType.CHECK_WEBHOOK_SUBSCRIPTIONS: b"",
        TaskType.INDEX_ORDERS: wish_since(proof.since),
    }
    for type_, body in payloads.items():
        yield Start(type_, proof.shop_id, ACTOR, Payload(body=body), proof.account_id)
