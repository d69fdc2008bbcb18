"""Tries an account: each part of its system is asked one harmless question."""

from functools import partial

from shared.accounts import kind_of_account
from shared.clients.shopify_account import SHOPIFY
from shared.clients.shopify_admin import Document, ShopAdmin, ShopAdmins
from shared.errors import Obsolete
from shared.handling import Outcome, Run
from shared.tasks import Api
from shared.trials import Trials, try_parts
from sync_worker.clients.crm import Crm
from sync_worker.clients.documents import load_document
from sync_worker.clients.engage import Engage
from sync_worker.clients.systems import Systems
from sync_worker.store.accounts import ENGAGE
from sync_worker.store.supplier_accounts import SUPPLIER
from sync_worker.suppliers.opening import Suppliers
from sync_worker.suppliers.port import Supplier

NOBODYS_ORDER = NOBODYS_CONTACT = "syncledger-check"
_SHOP = load_document("shop", cost=2)
_ANY_ORDER = load_document("any_order", cost=3)
_ANY_PRODUCT = load_document("any_product", cost=3)


async def check_account(systems: Systems, run: Run) -> Outcome:
    """The note says what the other side answered; any error says what is wrong."""
    kind = await kind_of_account(run.pool, run.task)
    if kind is None:
        raise Obsolete("The account does not exist any more")
    return await try_parts(await _trials(systems, kind, run), run.payload.body)


async def _trials(systems: Systems, kind: str, run: Run) -> Trials:
    if kind == ENGAGE.name:
        return await _of_crm(systems.crm, run)
    if kind == SHOPIFY.name:
        return await _of_shop(systems.shops, run)
    if kind == SUPPLIER.name:
        return await _of_supplier(systems.suppliers, run)
    return {}


async def _of_crm(crm: Crm, run: Run) -> Trials:
    engage = await crm.open(run.pool, run.task)
    return {Api.CONTACTS: partial(_contacts, engage), Api.ORDERS: partial(_stores, engage)}


async def _contacts(engage: Engage) -> str:
    await engage.contact_by_external_id(NOBODYS_CONTACT)
    return "the CRM answered when it was asked for a contact"


async def _stores(engage: Engage) -> str:
    return f"the CRM has {_count(len(await engage.store_ids()), 'store')}"


async def _of_shop(shops: ShopAdmins, run: Run) -> Trials:
    """Shipments are told at the same address with the same token: the shop's name stands for them."""
    admin = await shops.open(run.pool, run.task)
    return {
        Api.PRODUCTS: partial(_listed, admin, _ANY_PRODUCT, "products"),
        Api.ORDERS: partial(_listed, admin, _ANY_ORDER, "orders"),
        Api.WRITEBACK: partial(_named, admin),
    }


async def _listed(admin: ShopAdmin, document: Document, things: str) -> str:
    await admin.call(document)
    return f"{things} can be read"


async def _named(admin: ShopAdmin) -> str:
    return f"this is the Admin API of {(await admin.call(_SHOP))['shop']['name']}"


async def _of_supplier(suppliers: Suppliers, run: Run) -> Trials:
    opened = await suppliers.open(run.pool, run.task)
    trials = {}
    if opened.account.settings.format.products is not None:
        trials[Api.PRODUCTS] = partial(_catalogue, opened.supplier)
    if opened.supplier.can_find:
        trials[Api.ORDERS] = partial(_order, opened.supplier)
    return trials


async def _catalogue(supplier: Supplier) -> str:
    page = await supplier.list_products(None)
    usable, bad = _count(len(page.products), "usable product"), len(page.bad)
    return f"the first page of the catalogue has {usable} and {bad} others"


async def _order(supplier: Supplier) -> str:
    await supplier.find_order(NOBODYS_ORDER)
    return "the supplier answered when it was asked for an order"


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"
