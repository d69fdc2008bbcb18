"""Opens the supplier of a task's account."""

from dataclasses import dataclass
from typing import Any

from shared.clients.http import RecordedHttp
from shared.envelope import TaskHeader
from shared.vault import Vault
from sync_worker.store.supplier_accounts import SupplierAccount, open_supplier_account
from sync_worker.suppliers.exchange import Exchange
from sync_worker.suppliers.http_supplier import HttpSupplier
from sync_worker.suppliers.pace import Pace
from sync_worker.suppliers.port import Supplier

API = "Supplier"


@dataclass(frozen=True, slots=True)
class OpenSupplier:
    """A supplier, and the account under which it is asked."""

    account: SupplierAccount
    supplier: Supplier


@dataclass(frozen=True, slots=True)
class Suppliers:
    """One per process."""

    http: RecordedHttp
    vault: Vault

    async def open(self, pool: Any, task: TaskHeader) -> OpenSupplier:
        """Raises Obsolete or Misconfigured when the account can not be used."""
        account = await open_supplier_account(pool, task, self.vault)
        pace = Pace(pool, account.id, account.name, account.settings.requests_per_second)
        return OpenSupplier(account, HttpSupplier(Exchange(account, self.http, pace)))
