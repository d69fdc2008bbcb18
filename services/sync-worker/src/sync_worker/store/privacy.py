"""Requests of the privacy topics, and where in the database personal data lies."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from shared.db.queries import load_queries
from shared.errors import Obsolete
from shared.identity import created_at, first_id_at
from sync_worker.privacy.stripping import stripped
from sync_worker.privacy.subject import Subject

_queries = load_queries(__file__, "privacy")


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it arrives. `shop_id` 0: the shop is not known here. `subject` is sealed."""

    shop_id: int
    shop_domain: str
    kind: str
    task_id: UUID
    due_at: datetime
    subject_hash: bytes | None = None
    subject: bytes | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it stands. `cursor`: how far the stored payloads have been looked through."""

    id: int
    shop_id: int
    kind: str
    subject: bytes | None
    cursor: Mapping[str, Any] | None
    summary: Mapping[str, Any]
    requested_at: datetime
    is_done: bool

    def told(self, **counts: int) -> dict[str, Any]:
        """The summary with these counts added."""
        return {**self.summary, **{name: self.summary.get(name, 0) + n for name, n in counts.items()}}


@dataclass(frozen=True, slots=True)
class ShopState:
    """Whether the shop is connected, and since when."""

    domain: str
    is_active: bool
    installed_at: datetime
    data_key: bytes


@dataclass(frozen=True, slots=True)
class Held:
    """All that the store holds of a person."""

    customer: Any
    orders: Sequence[Any]
    refunds: Sequence[Any]
    fulfilments: Sequence[Any]
    supplier_orders: Sequence[Any]
    shipments: Sequence[Any]

    @property
    def is_nothing(self) -> bool:
        return self.customer is None and not self.orders


class Task(NamedTuple):
    id: UUID
    source_id: str | None
    type: str


class Exchange(NamedTuple):
    """What is kept of one exchange of a task; bodies sealed."""

    task_id: UUID
    attempt: int
    position: int
    meta: dict[str, Any]
    sent: bytes | None
    received: bytes | None


async def open_request(connection: Any, asked: Asked) -> Request:
    """The same request again for the same task."""
    return _request(
        await _queries.open_request(connection, **{name: getattr(asked, name) for name in _ASKED})
    )


async def find_request(connection: Any, request_id: int) -> Request:
    """Raises Obsolete when it is gone or done."""
    row = await _queries.request(connection, request_id=request_id)
    if row is None or row["done_at"] is not None:
        raise Obsolete("This request is done" if row else "This request does not exist any more")
    return _request(row)


async def advance(
    connection: Any, request: Request, cursor: Mapping[str, Any], summary: Mapping[str, Any]
) -> None:
    """Raises Obsolete when another task went further meanwhile."""
    since = None if request.cursor is None else dict(request.cursor)
    place = {"request_id": request.id, "since": since}
    status = await _queries.advance_request(connection, **place, cursor=dict(cursor), summary=dict(summary))
    if status.endswith(" 0"):
        raise Obsolete("Another task goes on with this request")


async def keep_summary(connection: Any, request: Request) -> None:
    """What was removed so far; the cursor stays."""
    cursor = dict(request.cursor or {})
    await advance(connection, request, cursor, request.summary)


async def close(connection: Any, request: Request, summary: Mapping[str, Any]) -> None:
    await _queries.close_request(connection, request_id=request.id, summary=dict(summary))


async def keep_export(
    connection: Any, request: Request, export: bytes | None, summary: Mapping[str, Any]
) -> None:
    await _queries.keep_export(connection, request_id=request.id, export=export, summary=dict(summary))


async def drop_exports_about(connection: Any, request: Request) -> None:
    """Documents for the person a request is about, which nobody has downloaded yet or will again."""
    await _queries.drop_exports_about(connection, request_id=request.id)


async def shop_state(connection: Any, shop_id: int) -> ShopState | None:
    """Held until the transaction ends; None for a shop nobody knows."""
    row = await _queries.shop(connection, shop_id=shop_id)
    if row is None:
        return None
    return ShopState(row["domain"], row["is_active"], row["installed_at"], row["data_key"])


async def held(connection: Any, shop_id: int, subject: Subject) -> Held:
    """What is stored of a person; their orders are locked until the transaction ends."""
    place = {"shop_id": shop_id}
    customer = None
    if subject.customer_id is not None:
        customer = await _queries.customer(connection, **place, source_id=subject.customer_id)
    orders = await _rows(
        _queries.orders(
            connection, **place, customer_id=subject.customer_id, order_ids=sorted(subject.order_ids)
        )
    )
    order_ids = [row["source_id"] for row in orders]
    return Held(
        customer,
        orders,
        await _rows(_queries.refunds(connection, **place, order_ids=order_ids)),
        await _rows(_queries.fulfilments(connection, **place, order_ids=order_ids)),
        await _rows(_queries.supplier_orders(connection, **place, order_ids=order_ids)),
        await _rows(_queries.shipments(connection, **place, order_ids=order_ids)),
    )


async def strip(connection: Any, shop_id: int, found: Held) -> dict[str, int]:
    """Takes the person out of orders and what belongs to them; how many of each."""
    parts = {"orders": found.orders, "refunds": found.refunds, "fulfilments": found.fulfilments}
    queries = (_queries.strip_orders, _queries.strip_refunds, _queries.strip_fulfilments)
    for query, rows in zip(queries, parts.values(), strict=True):
        facts = {
            "source_ids": [row["source_id"] for row in rows],
            "datas": [stripped(row["data"]) for row in rows],
        }
        await query(connection, shop_id=shop_id, **facts)
    order_ids = [row["source_id"] for row in found.orders]
    await _queries.strip_supplier_orders(connection, shop_id=shop_id, order_ids=order_ids)
    await _queries.strip_shipments(connection, shop_id=shop_id, order_ids=order_ids)
    return {name: len(rows) for name, rows in parts.items()}


async def forget_changes(connection: Any, shop_id: int, subject: Subject) -> None:
    await _queries.forget_changes(connection, shop_id=shop_id, source_ids=sorted(subject.source_ids))


async def before_oldest_payload(connection: Any) -> UUID | None:
    """After this id come all tasks of which bodies are kept; None: there are none."""
    found = await _queries.oldest_payload(connection)
    return None if found is None else first_id_at(created_at(UUID(str(found))))


async def tasks(connection: Any, shop_id: int, *, after: UUID, wanted: int) -> list[Task]:
    rows = _queries.tasks(connection, shop_id=shop_id, after=after, wanted=wanted)
    return [Task(UUID(str(row["task_id"])), row["source_id"], row["type"]) async for row in rows]


async def exchanges(connection: Any, task_ids: Sequence[UUID]) -> list[Exchange]:
    rows = _queries.exchanges(connection, task_ids=list(task_ids))
    return [Exchange._make(row[name] for name in Exchange._fields) async for row in rows]


async def erase_exchanges(connection: Any, erased: Sequence[Exchange]) -> None:
    """`meta` of each is what is to be kept of it."""
    if not erased:
        return
    task_ids, attempts, positions, metas, _, _ = zip(*erased, strict=True)
    facts = {"task_ids": task_ids, "attempts": attempts, "positions": positions, "metas": metas}
    await _queries.erase_exchanges(connection, **facts)
    await scrub(connection, sorted(set(task_ids)))


async def erase_tasks(connection: Any, task_ids: Sequence[UUID]) -> int:
    """All bodies of these tasks; how many exchanges lost theirs."""
    status = await _queries.erase_tasks(connection, task_ids=list(task_ids))
    await scrub(connection, task_ids)
    return int(status.split()[-1])


async def scrub(connection: Any, task_ids: Sequence[UUID]) -> None:
    """Excerpts of other systems' answers go out of the log and its projection."""
    await _queries.scrub_events(connection, task_ids=list(task_ids))
    await _queries.scrub_tasks(connection, task_ids=list(task_ids))


async def spooled(connection: Any, *, after: int, wanted: int) -> list[tuple[int, bytes]]:
    rows = _queries.spooled(connection, after=after, wanted=wanted)
    return [(row["id"], row["body"]) async for row in rows]


async def remove_spooled(connection: Any, ids: Sequence[int]) -> None:
    await _queries.remove_spooled(connection, ids=list(ids))


async def outcomes(connection: Any, *, wanted: int) -> list[tuple[UUID, int, bytes]]:
    rows = _queries.outcomes(connection, wanted=wanted)
    return [(UUID(str(row["task_id"])), row["attempt"], row["outcome"]) async for row in rows]


async def replace_outcome(connection: Any, place: tuple[UUID, int], known: bytes, outcome: bytes) -> None:
    task_id, attempt = place
    await _queries.replace_outcome(connection, task_id=task_id, attempt=attempt, known=known, outcome=outcome)


async def imports_with_lines(connection: Any, shop_id: int) -> list[tuple[UUID, int]]:
    rows = _queries.imports_with_lines(connection, shop_id=shop_id)
    return [(row["id"], row["lines"]) async for row in rows]


async def remove_lines(
    connection: Any, import_id: UUID, needles: Sequence[bytes], *, since: int, until: int
) -> int:
    place = {"import_id": import_id, "since": since, "until": until}
    status = await _queries.remove_lines(connection, **place, needles=list(needles))
    return int(status.split()[-1])


_ASKED = ("shop_id", "shop_domain", "kind", "subject_hash", "task_id", "subject", "due_at")


def _request(row: Any) -> Request:
    return Request(
        id=row["id"],
        shop_id=row["shop_id"] or 0,
        kind=row["kind"],
        subject=row["subject"],
        cursor=row["cursor"],
        summary=row["summary"],
        requested_at=row["requested_at"],
        is_done=row["done_at"] is not None,
    )


async def _rows(query: Any) -> list[Any]:
    return [row async for row in query]
