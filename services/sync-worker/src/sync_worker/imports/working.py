"""Works through the staged objects page by page: what is committed is done, whoever goes on from there."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sync_worker.imports.kinds import ImportKind
from sync_worker.imports.objects import BUILDERS, Children, CustomerState, OrderState, Unusable
from sync_worker.imports.slices import Slice
from sync_worker.store import exported, import_lines, imports
from sync_worker.store.import_lines import Bad, Change, Laid
from sync_worker.store.imports import Import, ImportState, Progress

PAGE = 200


@dataclass
class _Page:
    """The states of a page by id, and the objects that have none. `children`: how many lines were joined."""

    last_line: int
    states: dict[str, Any] = field(default_factory=dict)
    bad: list[Bad] = field(default_factory=list)
    good: int = 0
    children: int = 0


async def work(pool: Any, job: Import, part: Slice, *, has_crm: bool) -> Import:
    """Goes on until the slice is over or everything is stored; returns how the import stands then."""
    while not part.is_over:
        parents = await import_lines.parents(pool, job, wanted=PAGE)
        if not parents:
            return await _all_stored(pool, job)
        page = await _read_page(pool, job, parents, part)
        job = await _keep(pool, job, page, has_crm=has_crm)
    return job


async def _read_page(pool: Any, job: Import, parents: Sequence[Laid], part: Slice) -> _Page:
    """Of an object that is there twice the later one counts."""
    kind, page = ImportKind(job.kind), _Page(parents[-1].line)
    found = (
        await import_lines.children(pool, job, {one.object_id for one in parents})
        if kind.has_children
        else {}
    )
    for laid in parents:
        children = found.get(laid.object_id, ())
        page.children += len(children)
        _add(page, kind, laid, children)
        await part.breathe()
    return page


def _add(page: _Page, kind: ImportKind, laid: Laid, children: Children) -> None:
    try:
        built: CustomerState | OrderState = BUILDERS[kind](laid.body, children)
    except Unusable as error:
        page.bad.append(Bad(laid.line, laid.object_id, str(error)))
        return
    page.good += 1
    page.states[built.state.id] = built


async def _keep(pool: Any, job: Import, page: _Page, *, has_crm: bool) -> Import:
    """The states, what is wrong, what is to be told, and how far all this reaches: committed together."""
    async with pool.acquire() as connection, connection.transaction():
        outcome = await _keep_states(connection, job, page)
        changes = _changes(job, page, outcome) if has_crm else []
        counts = {verdict.value: 0 for verdict in outcome.verdicts.values()}
        for verdict in outcome.verdicts.values():
            counts[verdict.value] += 1
        summary = job.told(**counts, joined=page.children, to_sync=len(changes))
        progress = Progress(summary, processed=page.good, failed=len(page.bad))
        await imports.advance_processing(connection, job, page.last_line, progress)
        await import_lines.add_failures(connection, job, page.bad)
        await import_lines.add_changes(connection, job, changes)
    return replace(
        job,
        position=page.last_line,
        processed=job.processed + page.good,
        failed=job.failed + len(page.bad),
        summary=summary,
    )


async def _keep_states(connection: Any, job: Import, page: _Page) -> exported.Outcome:
    if ImportKind(job.kind) is ImportKind.CUSTOMERS:
        return await exported.keep_customers(connection, job.shop_id, page.states)
    return await exported.keep_orders(connection, job.shop_id, page.states)


def _changes(job: Import, page: _Page, outcome: exported.Outcome) -> list[Change]:
    return [Change(job.kind, source_id, _number(page.states[source_id])) for source_id in outcome.to_sync]


def _number(built: CustomerState | OrderState) -> str | None:
    return built.state.label if isinstance(built, OrderState) else None


async def _all_stored(pool: Any, job: Import) -> Import:
    """Children that were never joined have no parent."""
    counts = job.summary.get(job.kind, {})
    async with pool.acquire() as connection, connection.transaction():
        orphans = 0
        if counts.get("children", 0) > counts.get("joined", 0):
            orphans = await import_lines.add_orphans(connection, job)
        summary = job.told(orphans=orphans, processed=job.processed, failed=job.failed + orphans)
        await imports.stored(connection, job, Progress(summary, failed=orphans))
    return replace(job, state=ImportState.SYNCING, failed=job.failed + orphans, summary=summary)
