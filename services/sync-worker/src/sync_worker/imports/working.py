"""Works through the staged objects page by page: what is committed is done, whoever goes on from there."""

from collections import Counter
from dataclasses import dataclass, replace
from typing import Any

from sync_worker.imports.kinds import ChangeKind, ImportKind
from sync_worker.imports.objects import CustomerState, OrderState
from sync_worker.imports.pages import Ask, Page, pages
from sync_worker.imports.slices import Slice
from sync_worker.imports.verdicts import Kept
from sync_worker.store import exported, exported_movements, import_lines, imports
from sync_worker.store.exported_movements import News
from sync_worker.store.import_lines import Change
from sync_worker.store.imports import Import, ImportState, Progress

PAGE = 200


@dataclass(frozen=True, slots=True)
class CrmWants:
    """Of which account. `by_parcel`: receipts are sent parcel by parcel, so a new parcel is news for it."""

    account_id: int
    by_parcel: bool = False


async def work(pool: Any, job: Import, part: Slice, *, crm: CrmWants | None, ask: Ask) -> Import:
    """Goes on until the slice is over or everything is stored; returns how the import stands then.

    `crm` None: nobody is to be told. Raises as `ask` does; what was committed before stays.
    """
    while not part.is_over:
        parents = await import_lines.parents(pool, job, wanted=PAGE)
        if not parents:
            return await _all_stored(pool, job)
        async for page in pages(pool, job, parents, part, ask=ask):
            job = await _keep(pool, job, page, crm)
            if part.is_over:
                break
    return job


async def _keep(pool: Any, job: Import, page: Page, crm: CrmWants | None) -> Import:
    """The states, what is wrong, what is to be told, and how far all this reaches: committed together."""
    async with pool.acquire() as connection, connection.transaction():
        outcome, news = await _keep_states(connection, job, page, crm)
        changes = _changes(page, outcome, news, crm) if crm is not None else []
        counts = Counter(verdict.value for verdict in outcome.verdicts.values())
        moved = {"parcels": len(news.parcels), "refunds": len(news.refunds)} if page.kind.has_children else {}
        summary = job.told(**counts, **moved, joined=page.children, to_sync=len(changes))
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


async def _keep_states(
    connection: Any, job: Import, page: Page, crm: CrmWants | None
) -> tuple[exported.Outcome, News]:
    if page.kind is ImportKind.CUSTOMERS:
        return await exported.keep_customers(connection, job.shop_id, page.states), News()
    account_id = crm.account_id if crm is not None else None
    outcome = await exported.keep_orders(connection, job.shop_id, page.states, crm_account_id=account_id)
    alive = [one for id_, one in page.states.items() if outcome.verdicts[id_] is not Kept.DELETED]
    return outcome, await exported_movements.keep(connection, job.shop_id, alive)


def _changes(page: Page, outcome: exported.Outcome, news: News, crm: CrmWants) -> list[Change]:
    """The receipt of a new order brings the returns of its refunds with it."""
    sent = news.parcels.values() if crm.by_parcel else ()
    things = dict.fromkeys((*outcome.to_sync, *sent))
    kind = ChangeKind(page.kind)
    changes = [Change(kind, source_id, _number(page.states[source_id])) for source_id in things]
    returns = [
        Change(ChangeKind.REFUNDS, refund_id, _number(page.states[order_id]))
        for refund_id, order_id in news.refunds.items()
        if outcome.verdicts[order_id] is not Kept.NEW
    ]
    return changes + returns


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
