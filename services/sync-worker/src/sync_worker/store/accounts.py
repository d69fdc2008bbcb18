"""The shop's accounts at other systems, opened."""

from dataclasses import dataclass, field
from typing import Any

import orjson
from pydantic import BaseModel, ConfigDict, Field, HttpUrl, TypeAdapter, ValidationError

from shared.db.queries import load_queries
from shared.envelope import TaskHeader
from shared.errors import Misconfigured, Obsolete
from shared.vault import SealBroken, Vault
from sync_worker.mapping.rules import EngageRules, ReceiptsOn
from sync_worker.store.in_use import require_in_use

ENGAGE = "engage"

_ADDRESS: TypeAdapter[HttpUrl] = TypeAdapter(HttpUrl)

_queries = load_queries(__file__, "accounts")


@dataclass(frozen=True, slots=True)
class Account:
    id: int
    name: str
    base_url: str
    rules: EngageRules
    api_key: str = field(repr=False)


class _Credentials(BaseModel):
    """The sealed credentials of an account of kind `engage`: `{"api_key": "…"}`."""

    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    api_key: str = Field(pattern=r"^[\x21-\x7e]+$")


async def crm_account_id(connection: Any, shop_id: int) -> int | None:
    """The shop's CRM account, if it has an active one."""
    row = await _queries.account_of_shop(connection, shop_id=shop_id, kind=ENGAGE)
    return None if row is None else int(row["id"])


async def kind_of_account(connection: Any, task: TaskHeader) -> str | None:
    """Which system the task's account is for; None when there is no such account any more."""
    kind: str | None = await _queries.kind_of_account(
        connection, account_id=task.account_id, shop_id=task.shop_id
    )
    return kind


async def sends_receipts_by_parcel(connection: Any, account_id: int) -> bool:
    """Whether the CRM account wants receipts on fulfilment; settings that can not be used are told later."""
    row = await _queries.receipts_on(connection, account_id=account_id)
    return row is not None and row["receipts_on"] == ReceiptsOn.FULFILMENT


async def open_account(connection: Any, task: TaskHeader, vault: Vault) -> Account:
    """The account the task is for. Raises Obsolete when it is gone or off, Misconfigured when unusable."""
    row = await _queries.account(connection, account_id=task.account_id, shop_id=task.shop_id)
    if row is None:
        raise Obsolete("The CRM account this task was for does not exist any more; nothing was sent")
    name = row["name"]
    require_in_use(row, f"The CRM account '{name}' is switched off; nothing was sent")
    rules, base_url = _rules(row["settings"], name), _usable_address(row["base_url"], name)
    return Account(row["id"], name, base_url, rules, _api_key(row["credentials"], name, vault))


def _api_key(sealed: bytes, name: str, vault: Vault) -> str:
    try:
        return _Credentials.model_validate(orjson.loads(vault.open(sealed))).api_key
    except SealBroken as error:
        text = f"The stored key of the CRM account '{name}' does not open with SECRET_KEYS: enter it again"
        raise Misconfigured(text, kind="configuration") from error
    except (ValidationError, orjson.JSONDecodeError):
        text = f"The CRM account '{name}' has no API key: enter it in the account's settings"
        raise Misconfigured(text, kind="configuration") from None


def _usable_address(base_url: str, name: str) -> str:
    try:
        return str(_ADDRESS.validate_python(base_url)).rstrip("/")
    except ValidationError:
        text = f"The address of the CRM account '{name}' is not usable: correct it"
        raise Misconfigured(text, kind="configuration") from None


def _rules(settings: Any, name: str) -> EngageRules:
    try:
        return EngageRules.model_validate(settings)
    except ValidationError as error:
        wrong = ".".join(str(part) for part in error.errors(include_input=False)[0]["loc"]) or "settings"
        text = f"The setting '{wrong}' of the CRM account '{name}' is not usable: correct it"
        raise Misconfigured(text, kind="configuration") from error
