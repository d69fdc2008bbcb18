"""The shop's account at its own Admin API."""

from datetime import timedelta
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from shared.accounts import Account, AccountKind, account_of_shop


class ShopifyRules(BaseModel):
    """Settings of the account. `poll_grace_s`: how long a webhook may take until it counts as missed.
    `poll_overlap_s`: how much of the time before a poll asks for again. `notify_customer`: the shop mails its
    customers when a shipment is written back."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    poll_grace_s: float = Field(300, ge=0, le=86_400)
    poll_overlap_s: float = Field(600, ge=0, le=86_400)
    notify_customer: bool = False

    @property
    def grace(self) -> timedelta:
        return timedelta(seconds=self.poll_grace_s)

    @property
    def overlap(self) -> timedelta:
        return timedelta(seconds=self.poll_overlap_s)


class ShopifyCredentials(BaseModel):
    """The sealed credentials: `{"access_token": "…"}`."""

    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    access_token: str = Field(pattern=r"^[\x21-\x7e]+$", repr=False)


ShopifyAccount = Account[ShopifyRules, ShopifyCredentials]
SHOPIFY = AccountKind("shopify", "Shopify", "access token", ShopifyRules, ShopifyCredentials)


async def shopify_account_id(connection: Any, shop_id: int) -> int | None:
    """The account at the shop's Admin API, if it has an active one."""
    return await account_of_shop(connection, shop_id, SHOPIFY.name)
