"""From an order's webhook to the stored order."""

from shared.clients.shopify_account import shopify_account_id
from shared.clients.shopify_admin import ShopAdmins
from shared.envelope import Payload, utc_now
from shared.errors import Obsolete
from shared.handling import FollowUp, Outcome, Run
from shared.tasks import TaskType
from sync_worker.clients.shop_reading import Kind, whole
from sync_worker.handlers.awaiting import AWAITED
from sync_worker.handlers.dropshipping import with_suppliers
from sync_worker.handlers.indexing import hand_on
from sync_worker.polling.found import found_order
from sync_worker.senders.translating import as_the_shop_tells
from sync_worker.shopify.orders import DeletedOrder, EditedOrder, Order
from sync_worker.shopify.reading import read, topic_of, triggered_at
from sync_worker.store import states

DELETED = "orders/delete"
EDITED = "orders/edited"
NOT_ASKED = (
    "The edit names only ids, and the shop has no account of kind 'shopify' to ask for the order: it follows "
    "with orders/updated"
)
CAME = "Not asked for: the order has come from the shop by itself"
_NEXT = (TaskType.SYNC_ORDER, TaskType.SYNC_ORDER_NOTIFICATION)


async def receive_order(shops: ShopAdmins, run: Run) -> Outcome:
    """Checks the delivery and queues the indexing under the order's id."""
    payload = await as_the_shop_tells(run)
    topic = topic_of(payload)
    if topic == EDITED:
        return await _edited(shops, run)
    if topic == AWAITED:
        return await _awaited(shops, run)
    if topic == DELETED:
        return _handed_on(payload, read(DeletedOrder, payload.body, what="order").id, order_number=None)
    order = read(Order, payload.body, what="order")
    return _handed_on(payload, order.id, order_number=order.label)


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


def _handed_on(payload: Payload, order_id: str, *, order_number: str | None) -> Outcome:
    follow_up = FollowUp(TaskType.INDEX_ORDER, payload, source_id=order_id, order_number=order_number)
    return Outcome(source_id=order_id, order_number=order_number, follow_ups=(follow_up,))


async def _edited(shops: ShopAdmins, run: Run) -> Outcome:
    """The edit holds ids only, so the shop is asked for the order."""
    order_id = read(EditedOrder, run.payload.body, what="order edit").order_edit.order_id
    if await shopify_account_id(run.pool, run.task.shop_id) is None:
        return Outcome(note=NOT_ASKED, source_id=order_id)
    return await _fetched(shops, run, order_id)


async def _awaited(shops: ShopAdmins, run: Run) -> Outcome:
    """Its parcel or refund came and it did not, so the shop is asked for it."""
    order_id = read(DeletedOrder, run.payload.body, what="order").id
    if await states.is_told_of(run.pool, run.task.shop_id, order_id):
        return Outcome(note=CAME, source_id=order_id)
    return await _fetched(shops, run, order_id)


async def _fetched(shops: ShopAdmins, run: Run, order_id: str) -> Outcome:
    run.needs_claim()
    admin, read_at = await shops.open(run.pool, run.task), utc_now()
    nodes = await whole(admin, Kind.ORDERS, [f"gid://shopify/Order/{order_id}"])
    if not nodes:
        raise Obsolete("The order is not in the shop any more")
    state = found_order(nodes[0], read_at=read_at)
    return Outcome(
        source_id=order_id, order_number=state.order_number, follow_ups=(state.follow_up(lane=None),)
    )


async def _bury(run: Run) -> Outcome:
    order = read(DeletedOrder, run.payload.body, what="order")
    connection = await run.begin()
    await states.bury_order(connection, run.task.shop_id, order.id, deleted_at=triggered_at(run.payload))
    return Outcome(note="Deleted in the shop; what the CRM has of it is left as it is", source_id=order.id)
