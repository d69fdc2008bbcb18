"""The other systems this service talks to: one client for each, made once per process."""

from dataclasses import dataclass

import httpx

from shared.clients import shopify_answers
from shared.clients.http import RecordedHttp
from shared.clients.shopify_admin import ShopAdmins
from shared.vault import Vault
from writeback.clients.amazon import AmazonSellers
from writeback.clients.ebay import EbayAccounts


@dataclass(frozen=True, slots=True)
class Systems:
    shops: ShopAdmins
    amazon: AmazonSellers
    ebay: EbayAccounts
    vault: Vault


def build_systems(client: httpx.AsyncClient, vault: Vault) -> Systems:
    """They share the connections of `client`; nothing is sent yet."""
    return Systems(
        shops=ShopAdmins(RecordedHttp(client, api=shopify_answers.API), vault),
        amazon=AmazonSellers(client, vault),
        ebay=EbayAccounts(client, vault),
        vault=vault,
    )
