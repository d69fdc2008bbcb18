"""Shops beside the demo's, and the CRMs they tell."""

from benchmarks.proof.ground import Plot
from sandbox.shopify.delivery import Sender


def add_shop(plot: Plot, shop: Sender) -> None:
    plot.administer(
        *("shops", "add", "--domain", shop.shop_domain, "--webhook-secret", shop.secret),
        *("--name", "Other", "--email", "owner@other.example"),
    )


def add_crm(plot: Plot, shop: Sender, address: str, api_key: str, *more: str) -> None:
    """`more`: further options of `accounts add`."""
    plot.administer(
        *("accounts", "add", "--shop", shop.shop_domain, "--kind", "engage", "--name", "CRM"),
        *("--base-url", address, "--api-key", api_key, "--setting", "store_external_id=ecom", *more),
    )
