"""A shop's accounts at suppliers, opened."""

from dataclasses import dataclass, field
from typing import Any

import orjson
from pydantic import HttpUrl, TypeAdapter, ValidationError

from shared.db.queries import load_queries
from shared.envelope import TaskHeader
from shared.errors import Misconfigured, Obsolete
from shared.suppliers.settings import SupplierCredentials, SupplierSettings, faults_of, missing_token
from shared.vault import SealBroken, Vault
from sync_worker.store.in_use import require_in_use

_ADDRESS: TypeAdapter[HttpUrl] = TypeAdapter(HttpUrl)

_queries = load_queries(__file__, "accounts")


@dataclass(frozen=True, slots=True)
class SupplierAccount:
    """`name` is what people call it, like "Gate4cards - Primary"."""

    id: int
    name: str
    base_url: str
    settings: SupplierSettings
    credentials: SupplierCredentials = field(repr=False)


async def open_supplier_account(connection: Any, task: TaskHeader, vault: Vault) -> SupplierAccount:
    """The account the task is for. Raises Obsolete when it is gone or off, Misconfigured when unusable."""
    row = await _queries.account(connection, account_id=task.account_id, shop_id=task.shop_id)
    if row is None:
        raise Obsolete("The supplier account this task was for does not exist any more; nothing was done")
    name = row["name"]
    require_in_use(row, f"The supplier account '{name}' is switched off; nothing was done")
    settings = _settings(row["settings"], name)
    credentials = _credentials(row["credentials"], name, vault)
    if (missing := missing_token(settings, credentials)) is not None:
        raise _wrong(f"The supplier account '{name}' has no '{missing}', which its headers carry: enter it")
    return SupplierAccount(row["id"], name, _usable_address(row["base_url"], name), settings, credentials)


def _settings(stored: Any, name: str) -> SupplierSettings:
    try:
        return SupplierSettings.model_validate(stored)
    except ValidationError as error:
        field_name, fault = next(iter(faults_of(error).items()))
        raise _wrong(f"The setting '{field_name}' of the supplier account '{name}' {fault}") from error


def _credentials(sealed: bytes, name: str, vault: Vault) -> SupplierCredentials:
    try:
        return SupplierCredentials.model_validate(orjson.loads(vault.open(sealed)))
    except SealBroken as error:
        text = f"The tokens of the supplier account '{name}' do not open with SECRET_KEYS: enter them again"
        raise _wrong(text) from error
    except (ValidationError, orjson.JSONDecodeError):
        raise _wrong(f"The supplier account '{name}' has no usable token: enter Token and Token 2") from None


def _usable_address(base_url: str, name: str) -> str:
    try:
        return str(_ADDRESS.validate_python(base_url)).rstrip("/")
    except ValidationError:
        raise _wrong(f"The endpoint of the supplier account '{name}' is not usable: correct it") from None


def _wrong(text: str) -> Misconfigured:
    return Misconfigured(text, kind="configuration")
