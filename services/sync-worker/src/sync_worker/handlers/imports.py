"""A bulk import from its request to its end: the shop exports, we stage, store, and tell the CRM."""

from datetime import timedelta

from shared.clients.shopify_account import shopify_account_id
from shared.clients.shopify_admin import ShopAdmins
from shared.envelope import utc_now
from shared.errors import Misconfigured, RateLimited, Rejected, Retryable
from shared.handling import FollowUp, Outcome, Run
from shared.tasks import TaskType
from sync_worker.clients import bulk_operations
from sync_worker.clients.bulk_operations import Operation
from sync_worker.clients.exports import Exports
from sync_worker.imports.ending import STOPPED, ends_import, remove_lines
from sync_worker.imports.handing_over import hand_over
from sync_worker.imports.kinds import EXPORT_QUERIES, ImportKind
from sync_worker.imports.messages import FinishedOperation, ImportRequest, ImportStep, Look
from sync_worker.imports.one_slice import one_slice
from sync_worker.imports.pace import next_look
from sync_worker.shopify.reading import read
from sync_worker.store import imports
from sync_worker.store.imports import Export, Import, ImportState, Request

NO_SHOP = "The shop has no account of kind 'shopify', so it can not be asked for an export: add one"
NOT_OURS = "This export belongs to no import that waits for it: left alone"
TAKEN = "Another task has learned it before and goes on"
UNDER_WAY = "The shop is still writing the export"
BROKE_OFF = "The shop could not be asked any further; the next task goes on where it stood"
BUDGET = "Waits until the shop may be asked for more parcels and refunds"
SOON = timedelta(seconds=1.5)
AGAIN_MS = 3_000


@ends_import
async def handle_bulk_import_create_request(run: Run) -> Outcome:
    """Begins the import that a person asked for."""
    asked = read(ImportRequest, run.payload.body, what="request", sender="a person")
    account_id = await shopify_account_id(run.pool, run.task.shop_id)
    connection = await run.begin()
    request = Request(asked.import_id, tuple(asked.kinds), asked.requested_by)
    job = await imports.ensure(connection, run.task, request)
    if adopted := await imports.adopt_changes(connection, job):
        await imports.keep_summary(connection, job, {**job.summary, "adopted": adopted})
    if account_id is None:
        raise Misconfigured(NO_SHOP, kind="configuration")
    return Outcome(follow_ups=(_step(TaskType.HANDLE_BULK_IMPORT_CREATE, job, account_id),))


@ends_import
async def handle_bulk_import_create(shops: ShopAdmins, run: Run) -> Outcome:
    """Asks the shop for the export. After a lost answer a second one is written, which harms nothing."""
    job = await _taken_up(run)
    for import_id in await imports.left_behind(run.pool, job.shop_id):
        await remove_lines(run.pool, import_id)
    admin = await shops.open(run.pool, run.task)
    operation_id = await bulk_operations.run_export(admin, EXPORT_QUERIES[ImportKind(job.kind)])
    connection = await run.begin()
    await imports.exporting(connection, job, operation_id)
    look = _look_later(job, operation_id, run.task.account_id, next_look(timedelta()))
    return Outcome(target_id=operation_id, follow_ups=(look,))


async def receive_bulk_operation_finish(run: Run) -> Outcome:
    """The shop says that an export is done; it has to be asked where it lies."""
    told = read(FinishedOperation, run.payload.body, what="bulk operation")
    look = Look(operation_id=told.admin_graphql_api_id)
    follow_up = FollowUp(
        TaskType.HANDLE_BULK_OPERATION_FINISH,
        look.payload(),
        look.operation_id,
        account_id=await shopify_account_id(run.pool, run.task.shop_id),
    )
    return Outcome(source_id=look.operation_id, follow_ups=(follow_up,))


@ends_import
async def handle_bulk_operation_finish(shops: ShopAdmins, run: Run) -> Outcome:
    """Reads how the export stands. The webhook and our own looking lead here; whoever is first goes on."""
    asked = read(Look, run.payload.body, what="look", sender="an import")
    job = await _waiting_for(run, asked)
    if job is None:
        return Outcome(note=NOT_OURS)
    if job.state is not ImportState.EXPORTING:
        return await _too_late(shops, run, job)
    operation = await bulk_operations.look(await shops.open(run.pool, run.task), asked.operation_id)
    if operation is not None and operation.is_under_way:
        return _still_under_way(run, job, asked)
    problem = _problem(operation)
    if operation is None or problem is not None:
        await imports.fail_export(run.pool, job, run.task, str(problem))
        raise Rejected(str(problem), kind="export")
    connection = await run.begin()
    export = Export(operation.url, operation.size, operation.roots)
    await imports.exported(connection, job, run.task.id, export)
    return Outcome(
        target_id=operation.id,
        items_total=operation.roots,
        follow_ups=(_step(TaskType.PROCESS_BULK_IMPORT_DATA, job),),
    )


@ends_import
async def process_bulk_import_data(exports: Exports, shops: ShopAdmins, run: Run) -> Outcome:
    """One slice: stages the export, then stores its objects. A crash costs the batch it was in."""
    before = await _taken_up(run)
    try:
        return _processed(before, await one_slice(exports, shops, run, before))
    except RateLimited as error:
        wait = error.after or SOON
        job = await _as_it_stands(run, before)
        return _processed(before, job, note=BUDGET, delay_ms=int(wait.total_seconds() * 1000))
    except Retryable:
        job = await _as_it_stands(run, before)
        if (job.byte_offset, job.position) == (before.byte_offset, before.position):
            raise
        return _processed(before, job, note=BROKE_OFF, delay_ms=AGAIN_MS)


@ends_import
async def trigger_next_batch(run: Run) -> Outcome:
    """After one kind the next; after the last one what changed goes to the CRM, batch by batch."""
    job = await _taken_up(run)
    await remove_lines(run.pool, job.id)
    if job.next_kind is None:
        return await hand_over(run, job)
    account_id = await shopify_account_id(run.pool, job.shop_id)
    connection = await run.begin()
    await imports.begin_kind(connection, job, job.next_kind)
    return Outcome(
        note=f"Next: {job.next_kind}",
        follow_ups=(_step(TaskType.HANDLE_BULK_IMPORT_CREATE, job, account_id),),
    )


async def _taken_up(run: Run) -> Import:
    step = read(ImportStep, run.payload.body, what="step", sender="an import")
    return await imports.take_up(run.pool, run.task, step.import_id)


async def _waiting_for(run: Run, asked: Look) -> Import | None:
    """The import of an export. Right after it was asked for, that may not be written down yet."""
    if asked.import_id is not None and run.task.retry_of is not None:
        await imports.reopen(run.pool, run.task, asked.import_id)
    job = await imports.of_operation(run.pool, run.task.shop_id, asked.operation_id)
    if job is None and await imports.is_being_asked_for(run.pool, run.task.shop_id):
        raise Retryable("The import of this export is just being begun", after=SOON)
    return job


async def _too_late(shops: ShopAdmins, run: Run, job: Import) -> Outcome:
    if job.state is not ImportState.STOPPED:
        return Outcome(note=TAKEN)
    assert job.operation_id is not None
    await bulk_operations.give_up(await shops.open(run.pool, run.task), job.operation_id)
    return Outcome(note=STOPPED)


def _still_under_way(run: Run, job: Import, asked: Look) -> Outcome:
    """Only our own looking goes on looking; the webhook has said what it had to say."""
    if asked.import_id is None:
        return Outcome(note=UNDER_WAY)
    wait = next_look(utc_now() - job.phase_at)
    look = _look_later(job, asked.operation_id, run.task.account_id, wait)
    return Outcome(note=UNDER_WAY, follow_ups=(look,))


def _problem(operation: Operation | None) -> str | None:
    """Why there is nothing to import from; None: there is."""
    if operation is None:
        return "The shop does not know the export any more: start a new import"
    if operation.is_complete:
        return None
    reason = f" ({operation.error_code})" if operation.error_code else ""
    return f"The shop did not finish the export: {operation.status}{reason}. Start a new import"


async def _as_it_stands(run: Run, job: Import) -> Import:
    """With what was committed before an error."""
    return await imports.find(run.pool, job.id, job.shop_id) or job


def _processed(before: Import, job: Import, *, note: str | None = None, delay_ms: int = 0) -> Outcome:
    is_stored = job.state is ImportState.SYNCING
    step = TaskType.TRIGGER_NEXT_BATCH if is_stored else TaskType.PROCESS_BULK_IMPORT_DATA
    of_total = f" of {job.total}" if job.total is not None else ""
    return Outcome(
        note=note or f"{job.lines} lines staged, {job.processed}{of_total} {job.kind} stored so far",
        summary={"state": job.state, job.kind: dict(job.summary.get(job.kind, {}))},
        items_processed=job.processed - before.processed,
        items_failed=job.failed - before.failed,
        items_total=job.total,
        follow_ups=(_step(step, job, delay_ms=delay_ms),),
    )


def _step(task_type: TaskType, job: Import, account_id: int | None = None, *, delay_ms: int = 0) -> FollowUp:
    payload = ImportStep(import_id=job.id).payload()
    return FollowUp(task_type, payload, str(job.id), account_id=account_id, delay_ms=delay_ms)


def _look_later(job: Import, operation_id: str, account_id: int | None, wait: timedelta) -> FollowUp:
    look = Look(operation_id=operation_id, import_id=job.id)
    return FollowUp(
        TaskType.HANDLE_BULK_OPERATION_FINISH,
        look.payload(),
        operation_id,
        account_id=account_id,
        delay_ms=int(wait.total_seconds() * 1000),
    )
