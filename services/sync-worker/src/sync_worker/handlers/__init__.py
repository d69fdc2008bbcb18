"""What runs for each type of task."""

from functools import partial

from shared.handling import Handler
from shared.tasks import TaskType
from sync_worker.clients.systems import Systems
from sync_worker.handlers.customers import index_customer, receive_customer, sync_contact
from sync_worker.handlers.orders import index_order, receive_order
from sync_worker.handlers.purchases import sync_order, sync_order_notification


def registry(systems: Systems) -> dict[TaskType, Handler]:
    crm = systems.crm
    return {
        TaskType.CUSTOMER_WEBHOOK: receive_customer,
        TaskType.INDEX_CUSTOMER: index_customer,
        TaskType.SYNC_CONTACT: partial(sync_contact, crm),
        TaskType.ORDER_WEBHOOK: receive_order,
        TaskType.INDEX_ORDER: index_order,
        TaskType.SYNC_ORDER: partial(sync_order, crm),
        TaskType.SYNC_ORDER_NOTIFICATION: partial(sync_order_notification, crm),
    }
