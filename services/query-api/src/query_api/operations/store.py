"""Operations as rows: begun, held by one replica at a time, moved on, ended. Clocks are the database's."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from query_api.operations.port import Kind, Operation, OperationState, Progress
from shared.db.queries import load_queries

LAST_ID = UUID(int=2**128 - 1)
_queries = load_queries(__file__, "operations")
_FIELDS = tuple(field.name for field in fields(Operation))


@dataclass(frozen=True, slots=True)
class NewOperation:
    """`total` None: the runner counts."""

    id: UUID
    kind: Kind
    shop_ids: tuple[int, ...] | None
    selection: Mapping[str, Any]
    options: Mapping[str, Any]
    total: int | None
    token_id: int
    requested_by: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """A list. `shop_ids` None: for those who may see all shops; empty: of any kind, in any state."""

    shop_ids: Sequence[int] | None
    kinds: Sequence[Kind] = ()
    states: Sequence[OperationState] = ()
    before: UUID = LAST_ID


@dataclass(frozen=True, slots=True)
class Owned:
    """Which operation, and in whose hands."""

    id: UUID
    owner: str


async def insert_operation(connection: Any, new: NewOperation) -> None:
    await _queries.insert_operation(
        connection,
        id=new.id,
        kind=new.kind.value,
        shop_ids=None if new.shop_ids is None else list(new.shop_ids),
        selection=dict(new.selection),
        options=dict(new.options),
        total=new.total,
        token_id=new.token_id,
        requested_by=new.requested_by,
    )


async def find_operation(connection: Any, operation_id: UUID) -> Operation | None:
    return _optional(await _queries.operation(connection, id=operation_id))


async def newest_operations(connection: Any, wanted: Wanted, *, limit: int) -> list[Operation]:
    records = _queries.newest(
        connection,
        before=wanted.before,
        kinds=list(wanted.kinds or Kind),
        states=list(wanted.states or OperationState),
        shop_ids=None if wanted.shop_ids is None else list(wanted.shop_ids),
        wanted=limit,
    )
    return [_operation(record) async for record in records]


async def operations_since(connection: Any, moment: datetime) -> list[Operation]:
    """Those under way, and those that have ended since."""
    return [_operation(record) async for record in _queries.since(connection, since=moment)]


async def claim(connection: Any, owner: str, kinds: Sequence[Kind], *, lease_s: float) -> Operation | None:
    """None: there is nothing to do."""
    return _optional(await _queries.claim(connection, owner=owner, lease_s=lease_s, kinds=list(kinds)))


async def hold(connection: Any, one: Owned) -> Operation | None:
    """Inside the caller's transaction, until its end. None: it is not this owner's to work on any more."""
    return _optional(await _queries.hold(connection, id=one.id, owner=one.owner))


async def renew(connection: Any, one: Owned, *, lease_s: float) -> None:
    await _queries.renew(connection, id=one.id, owner=one.owner, lease_s=lease_s)


async def release(connection: Any, one: Owned, *, wait_s: float, problem: str | None) -> None:
    """`wait_s`: nobody takes it up earlier."""
    await _queries.release(connection, id=one.id, owner=one.owner, wait_s=wait_s, problem=problem)


async def set_total(connection: Any, operation_id: UUID, total: int) -> Operation:
    return _operation(await _queries.set_total(connection, id=operation_id, total=total))


async def advance(connection: Any, operation_id: UUID, progress: Progress) -> Operation:
    """Inside the transaction that holds it."""
    record = await _queries.advance(
        connection,
        id=operation_id,
        cursor=None if progress.cursor is None else dict(progress.cursor),
        done=progress.done,
        skipped=progress.skipped,
        failed=progress.failed,
        summary=dict(progress.summary),
    )
    return _operation(record)


async def finish(connection: Any, one: Owned, state: OperationState, problem: str | None = None) -> None:
    await _queries.finish(connection, id=one.id, owner=one.owner, state=state.value, problem=problem)


async def pause(connection: Any, operation_id: UUID) -> Operation | None:
    """None: it is not under way."""
    return _optional(await _queries.pause(connection, id=operation_id))


async def resume(connection: Any, operation_id: UUID) -> Operation | None:
    """None: it is not paused."""
    return _optional(await _queries.resume(connection, id=operation_id))


async def abort(connection: Any, operation_id: UUID) -> Operation | None:
    """None: it has ended before."""
    return _optional(await _queries.abort(connection, id=operation_id))


def _operation(record: Any) -> Operation:
    values = {name: record[name] for name in _FIELDS}
    shop_ids = values["shop_ids"]
    return Operation(
        **values
        | {
            "kind": Kind(values["kind"]),
            "state": OperationState(values["state"]),
            "shop_ids": None if shop_ids is None else tuple(shop_ids),
        }
    )


def _optional(record: Any) -> Operation | None:
    return None if record is None else _operation(record)
