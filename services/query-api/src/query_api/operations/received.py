"""The data that a task was given, as far as the log has kept it."""

from typing import Any, Protocol
from uuid import UUID

from query_api.repository.payloads import find_payload
from shared.envelope import Payload
from shared.vault import Vault

_RECEIVED = (1, 0)


class Task(Protocol):
    @property
    def task_id(self) -> UUID: ...

    @property
    def shop_id(self) -> int: ...


async def received_by(connection: Any, vault: Vault, task: Task) -> Payload | None:
    """None: it is not kept any more, or was erased."""
    found = await find_payload(connection, vault, task.task_id, shop_id=task.shop_id, place=_RECEIVED)
    if found is None or found.received is None:
        return None
    return Payload(
        body=found.received,
        content_type=found.meta["content_type"],
        topic=found.meta.get("topic"),
        headers=found.meta.get("headers") or {},
    )
