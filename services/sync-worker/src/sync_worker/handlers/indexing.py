"""What both kinds of indexing end with."""

from shared.errors import Rejected
from shared.handling import FollowUp, Outcome, Run
from shared.tasks import TaskType
from sync_worker.freshness import Freshness
from sync_worker.handlers.notes import NO_CRM, idle_note
from sync_worker.store.accounts import crm_account_id


async def hand_on(
    run: Run, verdict: Freshness, types: tuple[TaskType, ...], *, order_number: str | None = None
) -> Outcome:
    """Queues the next tasks for a new state."""
    if not is_wanted(run, verdict):
        return Outcome(note=idle_note(verdict), order_number=order_number)
    account_id = await crm_account_id(run.connection, run.task.shop_id)
    if account_id is None:
        return Outcome(note=NO_CRM, order_number=order_number)
    follow_ups = tuple(
        FollowUp(type_, run.payload, source_id_of(run), order_number=order_number, account_id=account_id)
        for type_ in types
    )
    return Outcome(order_number=order_number, follow_ups=follow_ups)


def is_wanted(run: Run, verdict: Freshness) -> bool:
    """Whether a state is handed on: a new one is; a person's retry hands an unchanged one on as well."""
    is_retry = run.task.retry_of is not None
    return verdict is Freshness.NEWER or (verdict is Freshness.UNCHANGED and is_retry)


def source_id_of(run: Run) -> str:
    """Raises Rejected for a task that does not say what it is about."""
    if run.task.source_id is None:
        raise Rejected("The task does not name what it is about: it has no source id")
    return run.task.source_id
