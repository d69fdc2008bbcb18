"""The task catalogue: every type of work the system knows, and how each is run.

Topology, worker registration, metrics labels and the console's names are all derived from `CATALOGUE`.
How to add a type: `docs/adding-a-task.md`.
"""

from dataclasses import dataclass
from enum import StrEnum

from shared.retry import (
    AWAITING,
    FIVE_ATTEMPTS,
    LOCAL,
    ONCE,
    OUTBOUND,
    PATIENT,
    PERSISTENT,
    RetryPolicy,
)


class Lane(StrEnum):
    """A work queue; its consumers' prefetch is its concurrency limit."""

    SYNC = "sync"
    SYNC_BULK = "sync-bulk"
    WRITEBACK = "writeback"
    WRITEBACK_BULK = "writeback-bulk"
    ALERTS = "alerts"


class Side(StrEnum):
    """A queue beside every lane, for what has to make room there: for what crowds, and for what is slow."""

    OVERFLOW = "overflow"
    SLOW = "slow"


class Group(StrEnum):
    """What a person would call the kind of work; statistics are shown by group."""

    DATA_IMPORT = "data import"
    CONTACT_SYNC = "contact sync"
    ORDER_SYNC = "order sync"
    REFUND_SYNC = "refund sync"
    SETTINGS = "settings"
    DROPSHIPPING = "dropshipping"
    WRITE_BACK = "write-back"
    PRIVACY = "privacy"
    ALERTING = "alerting"


class Api(StrEnum):
    """What a connected system is asked for; its health is shown for each of them by itself."""

    PRODUCTS = "products"
    ORDERS = "orders"
    WRITEBACK = "writeback"
    TRADING = "trading"
    CONTACTS = "contacts"
    SETTINGS = "settings"


class TaskType(StrEnum):
    """Names are those of the task lists merchants already know."""

    HANDLE_BULK_IMPORT_CREATE_REQUEST = "HandleBulkImportCreateRequest"
    HANDLE_BULK_IMPORT_CREATE = "HandleBulkImportCreate"
    BULK_OPERATION_FINISH_WEBHOOK = "BulkOperationFinishWebhook"
    HANDLE_BULK_OPERATION_FINISH = "HandleBulkOperationFinish"
    PROCESS_BULK_IMPORT_DATA = "ProcessBulkImportData"
    TRIGGER_NEXT_BATCH = "TriggerNextBatch"
    CUSTOMER_WEBHOOK = "CustomerWebhook"
    INDEX_CUSTOMER = "IndexCustomer"
    SYNC_CONTACT = "SyncContact"
    INDEX_SHOP_CUSTOMERS = "IndexShopCustomers"
    UPDATE_CUSTOMER_MARKETING_PREFERENCES = "UpdateCustomerMarketingPreferences"
    CONTACT_WEBHOOK = "ContactWebhook"
    SYNC_CUSTOMER_MARKETING_PREFERENCES = "SyncCustomerMarketingPreferences"
    ORDER_WEBHOOK = "OrderWebhook"
    INDEX_ORDER = "IndexOrder"
    SYNC_ORDER = "SyncOrder"
    SYNC_ORDER_NOTIFICATION = "SyncOrderNotification"
    INDEX_ORDERS = "IndexOrders"
    INDEX_STORES = "IndexStores"
    SYNC_SHOP_CURRENCY = "SyncShopCurrency"
    SHOP_WEBHOOK = "ShopWebhook"
    CHECK_ACCOUNT = "CheckAccount"
    CHECK_WEBHOOK_SUBSCRIPTIONS = "CheckWebhookSubscriptions"
    PUBLISH_ORDER = "PublishOrder"
    UPDATE_ORDERS = "UpdateOrders"
    UPDATE_PRODUCTS = "UpdateProducts"
    FULFILLMENT_WEBHOOK = "FulfillmentWebhook"
    SYNC_ORDER_FULFILLMENT_NOTIFICATION = "SyncOrderFulfillmentNotification"
    REFUND_WEBHOOK = "RefundWebhook"
    INDEX_REFUND = "IndexRefund"
    SYNC_REFUND_NOTIFICATION = "SyncRefundNotification"
    SYNC_REFUND = "SyncRefund"
    SHIPMENT_RECEIVED = "ShipmentReceived"
    WRITEBACK_SHIPMENT = "WritebackShipment"
    FETCH_MARKETPLACE_ORDERS = "FetchMarketplaceOrders"
    FETCH_MARKETPLACE_PRODUCTS = "FetchMarketplaceProducts"
    CUSTOMERS_DATA_REQUEST = "CustomersDataRequest"
    CUSTOMERS_REDACT = "CustomersRedact"
    SHOP_REDACT = "ShopRedact"
    APP_UNINSTALLED = "AppUninstalled"
    NOTIFY_ALERT = "NotifyAlert"


@dataclass(frozen=True, slots=True)
class TaskSpec:
    """How one type runs.

    `entity` names the kind of thing the task works on: two tasks of one shop with the same entity kind and
    source id never run at the same time. None: no such limit. `repeatable` says whether a person's retry
    can never repeat an effect at the other side. `api`: which part of its account's system it calls.
    `waits_for_account`: while the account's credentials are refused it waits instead of failing.
    `ignores_pauses`: it runs while its account pauses.
    """

    type: TaskType
    group: Group
    lane: Lane
    description: str
    retry: RetryPolicy
    timeout_s: float
    entity: str | None = None
    batch: bool = False
    repeatable: bool = True
    api: Api | None = None
    waits_for_account: bool = False
    ignores_pauses: bool = False

    @property
    def calls_nobody(self) -> bool:
        """All it does is done in this database, so it never waits for anybody's system."""
        return self.retry is LOCAL


_T, _G = TaskType, Group

# fmt: off
_SPECS = (
    TaskSpec(_T.HANDLE_BULK_IMPORT_CREATE_REQUEST, _G.DATA_IMPORT, Lane.SYNC_BULK,
             "A person asked for an import of the shop's data", LOCAL, 30),
    TaskSpec(_T.HANDLE_BULK_IMPORT_CREATE, _G.DATA_IMPORT, Lane.SYNC_BULK,
             "The shop is asked for an export", PATIENT, 300, api=Api.ORDERS),
    TaskSpec(_T.BULK_OPERATION_FINISH_WEBHOOK, _G.DATA_IMPORT, Lane.SYNC,
             "The shop said that an export is done", LOCAL, 30),
    TaskSpec(_T.HANDLE_BULK_OPERATION_FINISH, _G.DATA_IMPORT, Lane.SYNC_BULK,
             "The shop is asked where its export lies", AWAITING, 90, api=Api.ORDERS),
    TaskSpec(_T.PROCESS_BULK_IMPORT_DATA, _G.DATA_IMPORT, Lane.SYNC_BULK,
             "A part of the export is staged or stored", PATIENT, 300, entity="import", batch=True,
             api=Api.ORDERS),
    TaskSpec(_T.TRIGGER_NEXT_BATCH, _G.DATA_IMPORT, Lane.SYNC_BULK,
             "What comes next: another kind of data, or telling the CRM what changed", PATIENT, 300,
             entity="import", batch=True, api=Api.ORDERS),
    TaskSpec(_T.CUSTOMER_WEBHOOK, _G.CONTACT_SYNC, Lane.SYNC,
             "A customer was created, changed or deleted in the shop", LOCAL, 30),
    TaskSpec(_T.INDEX_CUSTOMER, _G.CONTACT_SYNC, Lane.SYNC,
             "The shop's customer is stored, if this state is newer", LOCAL, 30, entity="customer"),
    TaskSpec(_T.SYNC_CONTACT, _G.CONTACT_SYNC, Lane.SYNC,
             "The customer is written to the CRM as a contact", OUTBOUND, 90, entity="customer",
             api=Api.CONTACTS),
    TaskSpec(_T.UPDATE_CUSTOMER_MARKETING_PREFERENCES, _G.CONTACT_SYNC, Lane.SYNC,
             "The CRM is told what the customer agreed to in the shop", OUTBOUND, 90, entity="customer",
             api=Api.CONTACTS),
    TaskSpec(_T.CONTACT_WEBHOOK, _G.CONTACT_SYNC, Lane.SYNC,
             "A contact's preferences were changed in the CRM", OUTBOUND, 90, entity="contact",
             api=Api.CONTACTS),
    TaskSpec(_T.SYNC_CUSTOMER_MARKETING_PREFERENCES, _G.CONTACT_SYNC, Lane.SYNC,
             "The shop is told the contact's preferences in the CRM", OUTBOUND, 90, entity="customer",
             api=Api.CONTACTS),
    TaskSpec(_T.ORDER_WEBHOOK, _G.ORDER_SYNC, Lane.SYNC,
             "An order was created or changed in the shop", LOCAL, 30, api=Api.ORDERS),
    TaskSpec(_T.INDEX_ORDER, _G.ORDER_SYNC, Lane.SYNC,
             "The shop's order is stored, if this state is newer", LOCAL, 30, entity="order", api=Api.ORDERS),
    TaskSpec(_T.SYNC_ORDER, _G.ORDER_SYNC, Lane.SYNC,
             "The paid order is sent to the CRM as a receipt", OUTBOUND, 90, entity="order", api=Api.ORDERS),
    TaskSpec(_T.SYNC_ORDER_NOTIFICATION, _G.ORDER_SYNC, Lane.SYNC,
             "The order's status is sent to the CRM, which may mail the customer", OUTBOUND, 90,
             entity="order", repeatable=False, api=Api.ORDERS),
    TaskSpec(_T.PUBLISH_ORDER, _G.DROPSHIPPING, Lane.SYNC,
             "The order is handed on to a supplier, who delivers it", OUTBOUND, 90, entity="order",
             repeatable=False, api=Api.ORDERS),
    TaskSpec(_T.UPDATE_ORDERS, _G.DROPSHIPPING, Lane.SYNC_BULK,
             "A supplier is asked how its orders stand", OUTBOUND, 300, batch=True, api=Api.ORDERS),
    TaskSpec(_T.UPDATE_PRODUCTS, _G.DROPSHIPPING, Lane.SYNC_BULK,
             "A supplier's catalogue is taken over", OUTBOUND, 300, batch=True, api=Api.PRODUCTS),
    TaskSpec(_T.FULFILLMENT_WEBHOOK, _G.ORDER_SYNC, Lane.SYNC,
             "A parcel of an order was made, sent, cancelled or seen on its way", LOCAL, 30),
    TaskSpec(_T.SYNC_ORDER_FULFILLMENT_NOTIFICATION, _G.ORDER_SYNC, Lane.SYNC,
             "The parcel's status is sent to the CRM, which may mail the customer", AWAITING, 90,
             entity="fulfilment", repeatable=False, api=Api.ORDERS),
    TaskSpec(_T.REFUND_WEBHOOK, _G.REFUND_SYNC, Lane.SYNC,
             "Money or goods of an order went back", LOCAL, 30),
    TaskSpec(_T.INDEX_REFUND, _G.REFUND_SYNC, Lane.SYNC,
             "The shop's refund is stored, once its order is known", AWAITING, 30, entity="refund"),
    TaskSpec(_T.SYNC_REFUND_NOTIFICATION, _G.REFUND_SYNC, Lane.SYNC,
             "The refund is told to the CRM, which may mail the customer", OUTBOUND, 90,
             entity="refund", repeatable=False, api=Api.ORDERS),
    TaskSpec(_T.SYNC_REFUND, _G.REFUND_SYNC, Lane.SYNC,
             "What came back is sent to the CRM as a receipt", OUTBOUND, 90, entity="refund", api=Api.ORDERS),
    TaskSpec(_T.INDEX_SHOP_CUSTOMERS, _G.CONTACT_SYNC, Lane.SYNC_BULK,
             "The shop is asked which customers changed without a webhook", OUTBOUND, 300, batch=True,
             api=Api.CONTACTS),
    TaskSpec(_T.INDEX_ORDERS, _G.ORDER_SYNC, Lane.SYNC_BULK,
             "The shop is asked which orders changed without a webhook", OUTBOUND, 300, batch=True,
             api=Api.ORDERS),
    TaskSpec(_T.INDEX_STORES, _G.SETTINGS, Lane.SYNC_BULK,
             "The CRM's stores are listed", OUTBOUND, 90, api=Api.SETTINGS),
    TaskSpec(_T.SYNC_SHOP_CURRENCY, _G.SETTINGS, Lane.SYNC_BULK,
             "The shop is asked for its currency", OUTBOUND, 90, api=Api.SETTINGS),
    TaskSpec(_T.SHOP_WEBHOOK, _G.SETTINGS, Lane.SYNC,
             "The shop's own settings were changed", LOCAL, 30),
    TaskSpec(_T.CHECK_ACCOUNT, _G.SETTINGS, Lane.SYNC,
             "An account's address and credentials are tried", ONCE, 60, ignores_pauses=True,
             api=Api.SETTINGS),
    TaskSpec(_T.CHECK_WEBHOOK_SUBSCRIPTIONS, _G.SETTINGS, Lane.SYNC_BULK,
             "The shop's webhook subscriptions are checked, and made again if gone", OUTBOUND, 180,
             api=Api.SETTINGS),
    TaskSpec(_T.SHIPMENT_RECEIVED, _G.WRITE_BACK, Lane.WRITEBACK,
             "Shipping software reported packages of an order, which are kept once the order is known",
             AWAITING, 60),
    TaskSpec(_T.WRITEBACK_SHIPMENT, _G.WRITE_BACK, Lane.WRITEBACK,
             "The order's shop or marketplace is told of a package", FIVE_ATTEMPTS, 90,
             entity="shipped order", api=Api.WRITEBACK, waits_for_account=True),
    TaskSpec(_T.FETCH_MARKETPLACE_ORDERS, _G.WRITE_BACK, Lane.WRITEBACK_BULK,
             "A marketplace is asked which orders are new or have changed", OUTBOUND, 180, batch=True,
             api=Api.ORDERS),
    TaskSpec(_T.FETCH_MARKETPLACE_PRODUCTS, _G.WRITE_BACK, Lane.WRITEBACK_BULK,
             "A shop or marketplace is asked what it lists", OUTBOUND, 180, batch=True, api=Api.PRODUCTS),
    TaskSpec(_T.CUSTOMERS_DATA_REQUEST, _G.PRIVACY, Lane.SYNC_BULK,
             "A customer wants to know what is held of them", PATIENT, 300),
    TaskSpec(_T.CUSTOMERS_REDACT, _G.PRIVACY, Lane.SYNC_BULK,
             "A customer's personal data is removed wherever it was kept", PATIENT, 300),
    TaskSpec(_T.SHOP_REDACT, _G.PRIVACY, Lane.SYNC_BULK,
             "A shop's data is erased, two days after the app was uninstalled", PATIENT, 300,
             api=Api.SETTINGS),
    TaskSpec(_T.APP_UNINSTALLED, _G.PRIVACY, Lane.SYNC,
             "The app was uninstalled: the shop is let go", LOCAL, 30),
    TaskSpec(_T.NOTIFY_ALERT, _G.ALERTING, Lane.ALERTS,
             "One recipient is told what began, goes on or is over", PERSISTENT, 60),
)
# fmt: on

CATALOGUE: dict[TaskType, TaskSpec] = {spec.type: spec for spec in _SPECS}
