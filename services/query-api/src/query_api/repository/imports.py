"""Bulk imports as readers see them, begun and stopped."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from shared.db.queries import load_queries

_queries = load_queries(__file__, "imports")


@dataclass(frozen=True, slots=True)
class ImportRow:
    """`lines`, `byte_offset`, `size`, `total`, `processed` and `failed` are about the kind under way."""

    id: UUID
    shop_id: int
    kinds: Sequence[str]
    kind: str
    state: str
    byte_offset: int
    size: int | None
    lines: int
    total: int | None
    processed: int
    failed: int
    summary: Mapping[str, Any]
    problem: str | None
    requested_by: str
    task_id: UUID
    requested_at: datetime
    phase_at: datetime
    updated_at: datetime
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class FailedLine:
    line: int
    object_id: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class NewImport:
    id: UUID
    shop_id: int
    kinds: Sequence[str]
    requested_by: str
    task_id: UUID


async def insert_import(connection: Any, new: NewImport) -> bool:
    """False while another import of the shop is under way."""
    inserted = await _queries.insert_import(
        connection,
        import_id=new.id,
        shop_id=new.shop_id,
        kinds=list(new.kinds),
        kind=new.kinds[0],
        requested_by=new.requested_by,
        task_id=new.task_id,
    )
    return inserted is not None


async def import_under_way(connection: Any, shop_id: int) -> ImportRow | None:
    return _optional(await _queries.import_under_way(connection, shop_id=shop_id))


async def find_import(connection: Any, import_id: UUID) -> ImportRow | None:
    return _optional(await _queries.one_import(connection, import_id=import_id))


async def newest_imports(connection: Any, shop_ids: Sequence[int], *, limit: int) -> list[ImportRow]:
    rows = _queries.newest_imports(connection, shop_ids=list(shop_ids), wanted=limit)
    return [import_row(record) async for record in rows]


async def stop_import(connection: Any, import_id: UUID) -> ImportRow | None:
    """None when it has ended already."""
    return _optional(await _queries.stop_import(connection, import_id=import_id))


async def failed_lines(
    connection: Any, import_id: UUID, kind: str, *, after: int, limit: int
) -> list[FailedLine]:
    rows = _queries.import_failures(connection, import_id=import_id, kind=kind, after=after, wanted=limit)
    return [FailedLine(**dict(record)) async for record in rows]


async def why_not(connection: Any, shop_id: int) -> str | None:
    """Why a shop can not be asked for an export; None: it can."""
    record = await _queries.shop_for_import(connection, shop_id=shop_id)
    if record is None or not record["is_active"]:
        return "The shop is not connected any more: install the app there again, then add the shop."
    if not record["has_account"]:
        return (
            "The shop has no active account of kind 'shopify': connect one under Suppliers & accounts, "
            "or with POST /api/v1/accounts."
        )
    return None


_FIELDS = tuple(field.name for field in fields(ImportRow))


def import_row(record: Any) -> ImportRow:
    return ImportRow(**{name: record[name] for name in _FIELDS})


def _optional(record: Any) -> ImportRow | None:
    return None if record is None else import_row(record)
