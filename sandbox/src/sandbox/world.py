"""All outside systems together: built from the settings, started and stopped as one."""

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator, Coroutine
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Any

from sandbox import memory
from sandbox.amazon.app import FIRST as FIRST_SELLER
from sandbox.amazon.app import Amazon
from sandbox.amazon.terms import Terms as SellerTerms
from sandbox.ebay.app import Ebay
from sandbox.ebay.terms import Terms as EbayTerms
from sandbox.engage.app import Engage, build_engage
from sandbox.engage.herald import HookSettings
from sandbox.faults import FaultBoard
from sandbox.mail.catcher import Mailbox, listening
from sandbox.packing.benches import bench_of_amazon, bench_of_ebay, bench_of_shop
from sandbox.packing.control import Packing
from sandbox.packing.packer import Packer
from sandbox.sales import Sales, at_amazon, at_ebay
from sandbox.sending.manners import svix_manners
from sandbox.settings import Settings
from sandbox.shopify.app import ShopOrder
from sandbox.shopify.delivery import Sender
from sandbox.shopify.shops import Shops
from sandbox.standard.control import Standard
from sandbox.standard.sender import StandardSender
from sandbox.supplier.app import Suppliers
from sandbox.woocommerce.control import WooCommerce
from sandbox.woocommerce.site import Site


@dataclass(frozen=True)
class World:
    settings: Settings
    faults: FaultBoard
    engage: Engage
    shops: Shops
    suppliers: Suppliers
    amazon: Amazon
    ebay: Ebay
    woocommerce: WooCommerce
    standard: Standard
    packing: Packing
    sales: Sales
    mailbox: Mailbox

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """The CRM's memory restored and kept, the shops at work; at the end what is under way is dropped."""
        senders = (self.engage.herald, self.woocommerce, self.standard, self.packing)
        kept = memory.kept_in(self.settings.state_file, self.engage)
        post = listening(self.mailbox, self.settings.host, self.settings.mail_port)
        async with kept, post, _beside(self.packing.run(), self.sales.run()):
            self.shops.start()
            yield
            await self.shops.stop()
            for sender in senders:
                await sender.courier.close()


@contextlib.asynccontextmanager
async def _beside(*work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """What goes on beside the requests."""
    tasks = [asyncio.create_task(one) for one in work]
    yield
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def build_world(settings: Settings) -> World:
    """Nothing runs before `running`."""
    seed = settings.seed or secrets.token_hex(8)
    faults, svix = FaultBoard(seed), svix_manners(settings.retry_scale)
    hooks = HookSettings(shop=settings.shop_domain, secret=settings.engage_webhook_secret)
    sender = StandardSender(settings.standard_shop, settings.standard_secret)
    shops, amazon, ebay = _shops(settings, seed), _amazon(settings, faults), _ebay(settings, faults)
    packer = Packer(settings.shop_domain, settings.shipper_secret, Random(f"packing:{seed}"))
    packer.benches = [
        bench_of_shop(shops.by_domain[settings.shop_domain].records),
        bench_of_amazon(amazon.by_name[FIRST_SELLER]),
        bench_of_ebay(ebay.by_name[FIRST_SELLER]),
    ]
    return World(
        settings=settings,
        faults=faults,
        engage=build_engage(settings.engage_api_key, faults, hooks, svix, receiver=settings.ingest_url),
        shops=shops,
        suppliers=Suppliers(faults, settings.supplier_products),
        amazon=amazon,
        ebay=ebay,
        woocommerce=WooCommerce(
            settings.ingest_url, Site(settings.woocommerce_shop, settings.woocommerce_secret)
        ),
        standard=Standard(settings.ingest_url, svix, sender),
        packing=Packing(settings.ingest_url, svix, packer, settings.packing_every_s),
        sales=_sales(settings, amazon, ebay),
        mailbox=Mailbox(),
    )


def _amazon(settings: Settings, faults: FaultBoard) -> Amazon:
    """Amazon with the seller the settings name."""
    terms = SellerTerms(
        client_id=settings.amazon_client_id,
        client_secret=settings.amazon_client_secret,
        refresh_token=settings.amazon_refresh_token,
    )
    return Amazon(faults, terms)


def _ebay(settings: Settings, faults: FaultBoard) -> Ebay:
    """eBay with the seller the settings name."""
    terms = EbayTerms(
        client_id=settings.ebay_client_id,
        client_secret=settings.ebay_client_secret,
        refresh_token=settings.ebay_refresh_token,
    )
    return Ebay(faults, terms)


def _sales(settings: Settings, amazon: Amazon, ebay: Ebay) -> Sales:
    """The buyers of the first sellers, who have bought something in the hours before."""
    rng = Random(secrets.token_hex(8))
    buyers = (at_amazon(amazon.by_name[FIRST_SELLER], rng), at_ebay(ebay.by_name[FIRST_SELLER], rng))
    for buy, count in zip(buyers, (settings.amazon_orders, settings.ebay_orders), strict=True):
        for hours in range(count):
            buy(timedelta(hours=hours + 1))
    return Sales(buyers, rng, settings.sales_every_s)


def _shops(settings: Settings, seed: str) -> Shops:
    """The shops, of which the settings name the first."""
    shops = Shops(settings.ingest_url, settings.retry_scale, first=settings.shop_domain)
    sender = Sender(settings.shop_domain, settings.webhook_secret)
    token, rate = settings.shopify_access_token, settings.traffic_rate
    shops.add(ShopOrder(sender, token, seed=seed, traffic_rate=rate))
    return shops
