"""The shop's account at the CRM."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from shared.accounts import Account, AccountKind, account_of_shop
from shared.db.queries import load_queries
from sync_worker.mapping.rules import EngageRules, ReceiptsOn

_queries = load_queries(__file__, "accounts")


class EngageCredentials(BaseModel):
    """The sealed credentials: `{"api_key": "…"}`."""

    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    api_key: str = Field(pattern=r"^[\x21-\x7e]+$", repr=False)


EngageAccount = Account[EngageRules, EngageCredentials]
ENGAGE = AccountKind("engage", "CRM", "API key", EngageRules, EngageCredentials)


async def crm_account_id(connection: Any, shop_id: int) -> int | None:
    """The shop's CRM account, if it has an active one."""
    return await account_of_shop(connection, shop_id, ENGAGE.name)


async def connected_at(connection: Any, account_id: int) -> datetime:
    """Since when the shop has had the account: what happened before is history."""
    found: datetime = await _queries.connected_at(connection, account_id=account_id)
    return found


async def sends_receipts_by_parcel(connection: Any, account_id: int) -> bool:
    """Whether the CRM account wants receipts on fulfilment; settings that can not be used are told later."""
    row = await _queries.receipts_on(connection, account_id=account_id)
    return row is not None and row["receipts_on"] == ReceiptsOn.FULFILMENT
