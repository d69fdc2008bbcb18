"""What runs for each type of task."""

from functools import partial

from shared.handling import Handler, Plain
from shared.tasks import TaskType
from sync_worker.clients.shop_reading import Kind
from sync_worker.clients.systems import Systems
from sync_worker.handlers.checking import check_account
from sync_worker.handlers.contact_preferences import receive_contact, sync_customer_marketing_preferences
from sync_worker.handlers.customers import index_customer, receive_customer, sync_contact
from sync_worker.handlers.dropshipping import publish_order, update_orders, update_products
from sync_worker.handlers.erasure import Erasure, customers_redact, shop_redact
from sync_worker.handlers.fulfilments import receive_fulfilment, sync_fulfilment_notification
from sync_worker.handlers.imports import (
    handle_bulk_import_create,
    handle_bulk_import_create_request,
    handle_bulk_operation_finish,
    process_bulk_import_data,
    receive_bulk_operation_finish,
    trigger_next_batch,
)
from sync_worker.handlers.options import Options
from sync_worker.handlers.orders import index_order, receive_order
from sync_worker.handlers.polling import poll
from sync_worker.handlers.preferences import update_customer_marketing_preferences
from sync_worker.handlers.privacy import app_uninstalled, customers_data_request
from sync_worker.handlers.purchases import sync_order, sync_order_notification
from sync_worker.handlers.refunds import index_refund, receive_refund, sync_refund, sync_refund_notification
from sync_worker.handlers.settings import (
    check_webhook_subscriptions,
    index_stores,
    receive_shop,
    sync_shop_currency,
)


def registry(systems: Systems, options: Options | None = None) -> dict[TaskType, Handler]:
    options = options or Options()
    return {
        **_on_the_way(systems),
        **_by_the_clock(systems, options),
        **_imports(systems),
        **_privacy(systems, options),
    }


def _privacy(systems: Systems, options: Options) -> dict[TaskType, Handler]:
    """What the law asks for."""
    erasure = Erasure(systems.vault, systems.shops, options.letters, options.second_look)
    return {
        TaskType.CUSTOMERS_DATA_REQUEST: partial(customers_data_request, systems.vault),
        TaskType.CUSTOMERS_REDACT: partial(customers_redact, erasure),
        TaskType.SHOP_REDACT: partial(shop_redact, erasure),
        TaskType.APP_UNINSTALLED: partial(app_uninstalled, systems.vault),
    }


def _imports(systems: Systems) -> dict[TaskType, Handler]:
    """What a person asks for once."""
    shops = systems.shops
    return {
        TaskType.HANDLE_BULK_IMPORT_CREATE_REQUEST: handle_bulk_import_create_request,
        TaskType.HANDLE_BULK_IMPORT_CREATE: partial(handle_bulk_import_create, shops),
        TaskType.BULK_OPERATION_FINISH_WEBHOOK: receive_bulk_operation_finish,
        TaskType.HANDLE_BULK_OPERATION_FINISH: partial(handle_bulk_operation_finish, shops),
        TaskType.PROCESS_BULK_IMPORT_DATA: partial(process_bulk_import_data, systems.exports, shops),
        TaskType.TRIGGER_NEXT_BATCH: trigger_next_batch,
    }


def _by_the_clock(systems: Systems, options: Options) -> dict[TaskType, Handler]:
    """What nobody has to ask for."""
    shops, address = systems.shops, options.ingest_url
    return {
        TaskType.INDEX_SHOP_CUSTOMERS: partial(poll, Kind.CUSTOMERS, shops),
        TaskType.INDEX_ORDERS: partial(poll, Kind.ORDERS, shops),
        TaskType.CHECK_ACCOUNT: partial(check_account, systems),
        TaskType.INDEX_STORES: partial(index_stores, systems.crm),
        TaskType.SYNC_SHOP_CURRENCY: partial(sync_shop_currency, shops),
        TaskType.CHECK_WEBHOOK_SUBSCRIPTIONS: partial(check_webhook_subscriptions, shops, address),
    }


def _on_the_way(systems: Systems) -> dict[TaskType, Handler]:
    """What deliveries cause, one after the other."""
    crm = systems.crm
    return {
        TaskType.SHOP_WEBHOOK: receive_shop,
        TaskType.CUSTOMER_WEBHOOK: Plain(receive_customer),
        TaskType.INDEX_CUSTOMER: index_customer,
        TaskType.SYNC_CONTACT: partial(sync_contact, crm),
        TaskType.UPDATE_CUSTOMER_MARKETING_PREFERENCES: partial(update_customer_marketing_preferences, crm),
        TaskType.CONTACT_WEBHOOK: partial(receive_contact, crm),
        TaskType.SYNC_CUSTOMER_MARKETING_PREFERENCES: partial(
            sync_customer_marketing_preferences, systems.shops
        ),
        TaskType.PUBLISH_ORDER: partial(publish_order, systems.suppliers, systems.shops),
        TaskType.UPDATE_ORDERS: partial(update_orders, systems.suppliers),
        TaskType.UPDATE_PRODUCTS: partial(update_products, systems.suppliers),
        TaskType.ORDER_WEBHOOK: Plain(partial(receive_order, systems.shops)),
        TaskType.INDEX_ORDER: index_order,
        TaskType.SYNC_ORDER: partial(sync_order, crm),
        TaskType.SYNC_ORDER_NOTIFICATION: partial(sync_order_notification, crm),
        TaskType.FULFILLMENT_WEBHOOK: receive_fulfilment,
        TaskType.SYNC_ORDER_FULFILLMENT_NOTIFICATION: partial(sync_fulfilment_notification, crm),
        TaskType.REFUND_WEBHOOK: Plain(receive_refund),
        TaskType.INDEX_REFUND: index_refund,
        TaskType.SYNC_REFUND_NOTIFICATION: partial(sync_refund_notification, crm),
        TaskType.SYNC_REFUND: partial(sync_refund, crm),
    }
