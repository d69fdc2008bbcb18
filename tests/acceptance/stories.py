"""Which story shows each type of task working, from the front door to the other side.

`tests/unit/test_wiring.py` checks that every type has one, that it exists, and that its file names the type.
"""

from shared.tasks import TaskType as T

_IMPORT = "test_imports.py::test_customers_and_orders_are_imported_and_end_in_the_crm"
_CUSTOMER = "test_main_story.py::test_a_customer_becomes_a_contact_and_every_step_is_told"
_ORDER = "test_main_story.py::test_a_paid_order_becomes_one_receipt_and_one_notification"
_PARCELS = "test_parcels_and_refunds.py::test_every_task_of_the_order_is_called_as_the_shop_calls_it"
_IN_SHOP = "test_preferences.py::test_a_consent_in_the_shop_reaches_the_crm_and_ends_there"
_IN_CRM = "test_preferences.py::test_a_preference_in_the_crm_reaches_the_shop_and_ends_there"
_SETTINGS = "test_missed.py::test_the_shop_its_currency_and_the_crms_stores_are_known"
_SUPPLIER = "test_dropshipping.py::test_a_new_order_goes_to_its_supplier_and_comes_back_delivered"
_SOLD = "test_marketplaces.py::test_an_amazon_order_is_read_and_its_packages_are_confirmed"
_TOLD = "test_shipments.py::test_packages_are_told_to_the_shop_corrected_and_taken_back"
_FORGOTTEN = "test_privacy.py::test_a_customer_is_told_what_is_held_and_then_forgotten"
_LET_GO = "test_privacy.py::test_an_uninstalled_shop_is_let_go_and_two_days_later_erased"

_ALERT = "test_alerts.py::test_a_quiet_shop_is_left_alone_and_one_whose_orders_are_lost_is_told"

STORIES: dict[T, str] = {
    T.HANDLE_BULK_IMPORT_CREATE_REQUEST: _IMPORT,
    T.HANDLE_BULK_IMPORT_CREATE: _IMPORT,
    T.BULK_OPERATION_FINISH_WEBHOOK: _IMPORT,
    T.HANDLE_BULK_OPERATION_FINISH: _IMPORT,
    T.PROCESS_BULK_IMPORT_DATA: _IMPORT,
    T.TRIGGER_NEXT_BATCH: _IMPORT,
    T.CUSTOMER_WEBHOOK: _CUSTOMER,
    T.INDEX_CUSTOMER: _CUSTOMER,
    T.SYNC_CONTACT: _CUSTOMER,
    T.UPDATE_CUSTOMER_MARKETING_PREFERENCES: _IN_SHOP,
    T.CONTACT_WEBHOOK: _IN_SHOP,
    T.SYNC_CUSTOMER_MARKETING_PREFERENCES: _IN_CRM,
    T.INDEX_SHOP_CUSTOMERS: "test_missed.py::test_a_customer_nobody_told_of_ends_in_the_crm",
    T.ORDER_WEBHOOK: _ORDER,
    T.INDEX_ORDER: _ORDER,
    T.SYNC_ORDER: _ORDER,
    T.SYNC_ORDER_NOTIFICATION: _ORDER,
    T.INDEX_ORDERS: "test_missed.py::test_an_order_whose_webhook_was_never_sent_ends_in_the_crm",
    T.FULFILLMENT_WEBHOOK: _PARCELS,
    T.SYNC_ORDER_FULFILLMENT_NOTIFICATION: _PARCELS,
    T.REFUND_WEBHOOK: _PARCELS,
    T.INDEX_REFUND: _PARCELS,
    T.SYNC_REFUND_NOTIFICATION: _PARCELS,
    T.SYNC_REFUND: _PARCELS,
    T.INDEX_STORES: _SETTINGS,
    T.SYNC_SHOP_CURRENCY: _SETTINGS,
    T.SHOP_WEBHOOK: _SETTINGS,
    T.CHECK_WEBHOOK_SUBSCRIPTIONS: "test_missed.py::test_a_deleted_subscription_is_made_again",
    T.CHECK_ACCOUNT: "test_dropshipping.py::test_a_wrong_token_is_told_and_mended_by_the_right_one",
    T.PUBLISH_ORDER: _SUPPLIER,
    T.UPDATE_ORDERS: _SUPPLIER,
    T.UPDATE_PRODUCTS: _SUPPLIER,
    T.SHIPMENT_RECEIVED: _TOLD,
    T.WRITEBACK_SHIPMENT: _TOLD,
    T.FETCH_MARKETPLACE_ORDERS: _SOLD,
    T.FETCH_MARKETPLACE_PRODUCTS: _SOLD,
    T.CUSTOMERS_DATA_REQUEST: _FORGOTTEN,
    T.CUSTOMERS_REDACT: _FORGOTTEN,
    T.SHOP_REDACT: _LET_GO,
    T.APP_UNINSTALLED: _LET_GO,
    T.NOTIFY_ALERT: _ALERT,
}
