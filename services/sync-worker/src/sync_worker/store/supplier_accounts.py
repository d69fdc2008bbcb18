"""A shop's accounts at suppliers, opened."""

from typing import Any

from shared.accounts import Account, AccountKind, open_account, unusable
from shared.envelope import TaskHeader
from shared.suppliers import settings
from shared.suppliers.settings import SupplierCredentials, SupplierSettings, missing_token
from shared.vault import Vault

SupplierAccount = Account[SupplierSettings, SupplierCredentials]
SUPPLIER = AccountKind(
    settings.KIND, "supplier", "token", SupplierSettings, SupplierCredentials, settings.faults_of
)


async def open_supplier_account(connection: Any, task: TaskHeader, vault: Vault) -> SupplierAccount:
    """The account the task is for. Raises Obsolete when it is gone or off, Misconfigured when unusable."""
    account = await open_account(connection, task, vault, SUPPLIER)
    if (missing := missing_token(account.settings, account.credentials)) is not None:
        text = f"The supplier account '{account.name}' has no '{missing}', which its headers carry: enter it"
        raise unusable(text)
    return account
