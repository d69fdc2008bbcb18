"""All shops of the sandbox: the first one from the settings, others as the control API adds them."""

from dataclasses import dataclass, field

from sandbox.journal import Journal
from sandbox.shopify.app import ShopifyShop, ShopOrder, build_shop


@dataclass
class Shops:
    ingest_url: str
    retry_scale: float
    first: str
    journal: Journal = field(default_factory=Journal)
    storage_journal: Journal = field(default_factory=Journal)
    by_domain: dict[str, ShopifyShop] = field(default_factory=dict)
    _started: bool = False

    def add(self, order: ShopOrder) -> ShopifyShop:
        """Open a shop; one that exists already stays as it is."""
        domain = order.sender.shop_domain
        if domain in self.by_domain:
            return self.by_domain[domain]
        shop = build_shop(order, ingest_url=self.ingest_url, retry_scale=self.retry_scale)
        self.by_domain[domain] = shop
        if self._started:
            shop.start()
        return shop

    def find(self, domain: str | None) -> ShopifyShop | None:
        """The shop of this domain; without one the first."""
        return self.by_domain.get(domain or self.first)

    def start(self) -> None:
        self._started = True
        for shop in self.by_domain.values():
            shop.start()

    async def stop(self) -> None:
        for shop in self.by_domain.values():
            await shop.stop()
