"""The staged lines of an import, what is wrong with some of them, and what they changed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from shared.db.queries import load_queries
from sync_worker.imports.lines import Staged
from sync_worker.store.imports import Import

_queries = load_queries(__file__, "import_lines")

_COLUMNS = ("import_id", "line", "object_id", "parent_id", "body")
ORPHAN = "The object it belongs to is not in the export"


class Bad(NamedTuple):
    """A line, or the object on it, that could not be used."""

    line: int
    object_id: str | None
    reason: str


class Laid(NamedTuple):
    """A staged line."""

    line: int
    object_id: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Change:
    """Something of the shop that the CRM has to be told."""

    kind: str
    source_id: str
    order_number: str | None = None


async def lay_down(connection: Any, job: Import, lines: Sequence[tuple[int, Staged]]) -> None:
    records = [(job.id, number, staged.object_id, staged.parent_id, staged.body) for number, staged in lines]
    await connection.copy_records_to_table(
        "import_lines", schema_name="store", columns=_COLUMNS, records=records
    )


async def add_failures(connection: Any, job: Import, failures: Sequence[Bad]) -> None:
    if failures:
        lines, object_ids, reasons = zip(*failures, strict=True)
        facts = {"lines": lines, "object_ids": object_ids, "reasons": reasons}
        await _queries.add_failures(connection, import_id=job.id, kind=job.kind, **facts)


async def parents(connection: Any, job: Import, *, wanted: int) -> list[Laid]:
    """The next objects after the position."""
    rows = _queries.parents(connection, import_id=job.id, after=job.position, wanted=wanted)
    return [Laid(row["line"], row["object_id"], row["body"]) async for row in rows]


async def children(
    connection: Any, job: Import, parent_ids: Iterable[str]
) -> dict[str, list[tuple[int, bytes]]]:
    """By parent: line and body of each child, in the order of the export."""
    found: dict[str, list[tuple[int, bytes]]] = {}
    async for row in _queries.children(connection, import_id=job.id, parent_ids=list(parent_ids)):
        found.setdefault(row["parent_id"], []).append((row["line"], row["body"]))
    return found


async def add_orphans(connection: Any, job: Import) -> int:
    """Notes the children of nobody; returns how many there are."""
    rows = _queries.add_orphans(connection, import_id=job.id, kind=job.kind, reason=ORPHAN)
    return len([row async for row in rows])


async def remove_lines(connection: Any, import_id: UUID, *, at_most: int) -> bool:
    """Whether there may be more."""
    status = await _queries.remove_lines(connection, import_id=import_id, at_most=at_most)
    return int(status.split()[-1]) == at_most


async def add_changes(connection: Any, job: Import, changes: Sequence[Change]) -> None:
    if changes:
        facts = {
            "kinds": [change.kind for change in changes],
            "source_ids": [change.source_id for change in changes],
            "order_numbers": [change.order_number for change in changes],
        }
        await _queries.add_changes(connection, import_id=job.id, **facts)


async def take_changes(connection: Any, job: Import, *, at_most: int) -> list[Change]:
    """The oldest changes, which count as handed over once the transaction commits."""
    rows = [row async for row in _queries.take_changes(connection, import_id=job.id, at_most=at_most)]
    rows.sort(key=lambda row: row["position"])
    return [Change(row["kind"], row["source_id"], row["order_number"]) for row in rows]


async def remove_changes(connection: Any, import_id: UUID) -> None:
    await _queries.remove_changes(connection, import_id=import_id)


async def unfinished(connection: Any, shop_id: int, account_id: int, types: Iterable[str]) -> int:
    """How many tasks of these types are on their way for the account, as far as the log knows."""
    found = await _queries.unfinished(
        connection, shop_id=shop_id, account_id=account_id, types=[str(one) for one in types]
    )
    return int(found)


async def account_problem(connection: Any, account_id: int) -> str | None:
    problem: str | None = await _queries.account_problem(connection, account_id=account_id)
    return problem
