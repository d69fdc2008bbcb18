"""Tries the accounts whose clients are in this service: each part is asked one harmless question."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial

from shared.accounts import kind_of_account
from shared.envelope import utc_now
from shared.errors import Obsolete, Rejected
from shared.handling import Outcome, Run
from shared.marketplaces.amazon import AMAZON
from shared.marketplaces.ebay import EBAY, Uses
from shared.tasks import Api
from shared.trials import Trial, Trials, try_parts
from writeback.clients.amazon import AmazonSeller, AmazonSellers
from writeback.clients.ebay import Ebay, EbayAccounts
from writeback.clients.ebay_fulfillment import Fulfillment
from writeback.clients.ebay_trading import Trading, Window
from writeback.clients.systems import Systems

NOBODYS_ORDER = "000-0000000-0000000"
NOBODYS_SALE = "00-00000-00000"
NOBODYS_ITEM = "B000000000"
_MOMENT = timedelta(minutes=1)


async def check_account(systems: Systems, run: Run) -> Outcome:
    """The note says what the other side answered; any error says what is wrong."""
    kind = await kind_of_account(run.pool, run.task)
    if kind is None:
        raise Obsolete("The account does not exist any more")
    return await try_parts(await _trials(systems, kind, run), run.payload.body)


async def _trials(systems: Systems, kind: str, run: Run) -> Trials:
    if kind == AMAZON.name:
        return await _of_amazon(systems.amazon, run)
    if kind == EBAY.name:
        return await _of_ebay(systems.ebay, run)
    return {}


async def _of_amazon(sellers: AmazonSellers, run: Run) -> Trials:
    seller = await sellers.open(run.pool, run.task)
    return {
        Api.PRODUCTS: partial(_items, seller),
        Api.ORDERS: _trial(lambda: seller.order(NOBODYS_ORDER), "Amazon answered when asked for an order"),
        Api.WRITEBACK: _trial(seller.log_in, "Amazon gives access for these credentials"),
    }


async def _items(seller: AmazonSeller) -> str:
    query = {
        "identifiers": NOBODYS_ITEM,
        "identifiersType": "ASIN",
        "marketplaceIds": seller.account.settings.marketplace_ids[0],
    }
    await seller.search_items(query)
    return "Amazon's catalogue can be searched"


async def _of_ebay(accounts: EbayAccounts, run: Run) -> Trials:
    ebay = await accounts.open(run.pool, run.task)
    api, trading = Fulfillment(ebay), Trading(ebay)
    sold = _trial(lambda: api.changed_orders(utc_now() - _MOMENT, utc_now(), 0), "orders can be read")
    told = _trial(lambda: api.fulfilments(NOBODYS_SALE), "eBay answered when asked for a shipment")
    trials: dict[Api, Trial] = {Api.PRODUCTS: partial(_listings, ebay), Api.ORDERS: sold, Api.WRITEBACK: told}
    if ebay.account.settings.uses is not Uses.TRADING:
        return trials
    sale = _trial(lambda: trading.order(NOBODYS_SALE), "eBay's Trading API answered when asked for a sale")
    return trials | {Api.TRADING: sale}


async def _listings(ebay: Ebay) -> str:
    now = utc_now()
    await Trading(ebay).listings(Window(now, now + _MOMENT, 1))
    return "listings can be read"


def _trial(ask: Callable[[], Awaitable[object]], answered: str) -> Trial:
    """That nobody has such a thing is an answer as good as any."""

    async def trial() -> str:
        try:
            await ask()
        except Rejected as error:
            if error.kind != "not_found":
                raise
        return answered

    return trial
