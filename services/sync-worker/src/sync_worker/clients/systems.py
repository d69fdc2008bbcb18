"""The other systems this service talks to: one client for each, made once per process."""

from dataclasses import dataclass

import httpx

from shared.clients import shopify_answers
from shared.clients.http import RecordedHttp
from shared.clients.shopify_admin import ShopAdmins
from shared.vault import Vault
from sync_worker.clients import engage
from sync_worker.clients.crm import Crm
from sync_worker.clients.exports import Exports
from sync_worker.suppliers import opening
from sync_worker.suppliers.opening import Suppliers


@dataclass(frozen=True, slots=True)
class Systems:
    crm: Crm
    shops: ShopAdmins
    suppliers: Suppliers
    exports: Exports
    vault: Vault


def build_systems(client: httpx.AsyncClient, vault: Vault, *, crm_requests_per_second: float) -> Systems:
    """They share the connections of `client`; nothing is sent yet."""
    engage_http = RecordedHttp(client, api=engage.API)
    shopify_http = RecordedHttp(client, api=shopify_answers.API)
    return Systems(
        crm=Crm(engage_http, vault, requests_per_second=crm_requests_per_second),
        shops=ShopAdmins(shopify_http, vault),
        suppliers=Suppliers(RecordedHttp(client, api=opening.API), vault),
        exports=Exports(client),
        vault=vault,
    )
