"""From an order's webhook to the stored order."""

from shared.handling import FollowUp, Outcome, Run
from shared.tasks import TaskType
from sync_worker.handlers.dropshipping import with_suppliers
from sync_worker.handlers.indexing import hand_on
from sync_worker.shopify.orders import DeletedOrder, EditedOrder, Order
from sync_worker.shopify.reading import read, topic_of, triggered_at
from sync_worker.store import states

DELETED = "orders/delete"
EDITED = "orders/edited"
_NEXT = (TaskType.SYNC_ORDER, TaskType.SYNC_ORDER_NOTIFICATION)


async def receive_order(run: Run) -> Outcome:
    """Checks the delivery and queues the indexing under the order's id."""
    topic = topic_of(run.payload)
    if topic == EDITED:
        return _edited(run)
    if topic == DELETED:
        return _handed_on(run, read(DeletedOrder, run.payload.body, what="order").id, order_number=None)
    order = read(Order, run.payload.body, what="order")
    return _handed_on(run, order.id, order_number=order.label)


async def index_order(run: Run) -> Outcome:
    """Stores the state if it is newer, and then has its receipt and its status sent to the CRM."""
    if topic_of(run.payload) == DELETED:
        return await _bury(run)
    order = read(Order, run.payload.body, what="order")
    connection = await run.begin()
    verdict = await states.keep_order(
        connection, run.task.shop_id, order, triggered_at=triggered_at(run.payload)
    )
    outcome = await hand_on(run, verdict, _NEXT, order_number=order.label)
    return await with_suppliers(run, order, verdict, outcome)


def _handed_on(run: Run, order_id: str, *, order_number: str | None) -> Outcome:
    follow_up = FollowUp(TaskType.INDEX_ORDER, run.payload, source_id=order_id, order_number=order_number)
    return Outcome(source_id=order_id, order_number=order_number, follow_ups=(follow_up,))


def _edited(run: Run) -> Outcome:
    """The edit holds ids only; the shop sends the whole order as orders/updated as well."""
    edit = read(EditedOrder, run.payload.body, what="order edit")
    note = "The edit names only ids: the order itself follows with orders/updated"
    return Outcome(note=note, source_id=edit.order_edit.order_id)


async def _bury(run: Run) -> Outcome:
    order = read(DeletedOrder, run.payload.body, what="order")
    connection = await run.begin()
    await states.bury_order(connection, run.task.shop_id, order.id, deleted_at=triggered_at(run.payload))
    return Outcome(note="Deleted in the shop; what the CRM has of it is left as it is", source_id=order.id)
