"""What runs for each type of task."""

from functools import partial

from shared.handling import Accountable, Handler
from shared.tasks import TaskType
from writeback.clients.systems import Systems
from writeback.handlers.checking import check_account
from writeback.handlers.reading import order_readers, product_readers, read_by_kind
from writeback.handlers.received import receive_shipment
from writeback.handlers.write_back import note_trouble, write_back
from writeback.targets.opening import build_targets


def registry(systems: Systems) -> dict[TaskType, Handler]:
    targets = build_targets(systems)
    return {
        TaskType.CHECK_ACCOUNT: partial(check_account, systems),
        TaskType.SHIPMENT_RECEIVED: receive_shipment,
        TaskType.WRITEBACK_SHIPMENT: Accountable(partial(write_back, targets), note_trouble),
        TaskType.FETCH_MARKETPLACE_ORDERS: partial(read_by_kind, order_readers(systems)),
        TaskType.FETCH_MARKETPLACE_PRODUCTS: partial(read_by_kind, product_readers(systems)),
    }
