"""Tries an account: one harmless question with its address and credentials."""

from shared.accounts import kind_of_account
from shared.clients.shopify_account import SHOPIFY
from shared.clients.shopify_admin import ShopAdmins
from shared.errors import Obsolete
from shared.handling import Outcome, Run
from sync_worker.clients.crm import Crm
from sync_worker.clients.documents import load_document
from sync_worker.clients.systems import Systems
from sync_worker.store.accounts import ENGAGE
from sync_worker.store.supplier_accounts import SUPPLIER
from sync_worker.suppliers.opening import Suppliers

NOBODYS_ORDER = "syncledger-check"
_SHOP = load_document("shop", cost=2)


async def check_account(systems: Systems, run: Run) -> Outcome:
    """The note says what the other side answered; any error says what is wrong."""
    kind = await kind_of_account(run.pool, run.task)
    if kind is None:
        raise Obsolete("The account does not exist any more")
    if kind == ENGAGE.name:
        return await _crm(systems.crm, run)
    if kind == SHOPIFY.name:
        return await _shop(systems.shops, run)
    if kind == SUPPLIER.name:
        return await _supplier(systems.suppliers, run)
    return Outcome(note="There is nothing to try: this system sends to us and is never asked")


async def _crm(crm: Crm, run: Run) -> Outcome:
    engage = await crm.open(run.pool, run.task)
    stores = await engage.store_ids()
    return Outcome(note=f"It works: the CRM answered and has {_count(len(stores), 'store')}")


async def _shop(shops: ShopAdmins, run: Run) -> Outcome:
    admin = await shops.open(run.pool, run.task)
    shop = (await admin.call(_SHOP))["shop"]
    return Outcome(note=f"It works: this is the Admin API of {shop['name']}")


async def _supplier(suppliers: Suppliers, run: Run) -> Outcome:
    opened = await suppliers.open(run.pool, run.task)
    supplier = opened.supplier
    if opened.account.settings.format.products is not None:
        page = await supplier.list_products(None)
        usable, bad = _count(len(page.products), "usable product"), len(page.bad)
        return Outcome(note=f"It works: the first page of the catalogue has {usable} and {bad} others")
    if supplier.can_find:
        await supplier.find_order(NOBODYS_ORDER)
        return Outcome(note="It works: the supplier answered when it was asked for an order")
    return Outcome(note="There is nothing harmless to try: the account's format names no question")


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"
