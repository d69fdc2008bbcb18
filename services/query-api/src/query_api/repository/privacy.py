"""What the shops' privacy topics asked for, and the documents made for persons."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from shared.db.queries import load_queries
from shared.vault import SealBroken, Vault

_queries = load_queries(__file__, "privacy")


@dataclass(frozen=True, slots=True)
class RequestRow:
    """`shop_id` None: a shop nobody knows. The person is not in it."""

    id: int
    shop_id: int | None
    shop_domain: str
    kind: str
    task_id: UUID
    summary: Mapping[str, Any]
    has_export: bool
    requested_at: datetime
    due_at: datetime
    done_at: datetime | None


@dataclass(frozen=True, slots=True)
class Document:
    """`content` None: it was removed, or the shop's key was."""

    shop_id: int | None
    content: bytes | None


async def newest_requests(connection: Any, shop_ids: Sequence[int] | None, *, limit: int) -> list[RequestRow]:
    """`shop_ids` None: everybody's."""
    wanted = None if shop_ids is None else list(shop_ids)
    rows = _queries.newest_requests(connection, shop_ids=wanted, wanted=limit)
    return [RequestRow(**dict(record)) async for record in rows]


async def find_document(connection: Any, vault: Vault, request_id: int) -> Document | None:
    """None: there is no such request."""
    record = await _queries.export(connection, request_id=request_id)
    if record is None:
        return None
    return Document(record["shop_id"], _opened(vault, record))


def _opened(vault: Vault, record: Any) -> bytes | None:
    if record["export"] is None or not record["data_key"]:
        return None
    try:
        return vault.open_data_key(record["data_key"]).open(record["export"], UUID(str(record["task_id"])))
    except SealBroken:
        return None
