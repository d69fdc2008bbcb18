"""Accounts, what is done with them, and the runs they cause."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from query_api.schemas.answer import Answer, RowId

_SUPPLIER = {
    "type": "Gate4cards",
    "auto_publish_order": True,
    "auto_update_order_status": True,
    "order_status_interval_minutes": 30,
    "auto_update_product_data": True,
    "product_data_interval_minutes": 360,
    "create_new_products": True,
    "format": {},
}


class AccountOut(BaseModel):
    """One external system a shop is connected to; its credentials are never shown."""

    id: RowId
    shop: str = Field(description="The shop's domain")
    kind: str = Field(examples=["supplier"])
    name: str = Field(examples=["Gate4cards - Primary"])
    base_url: str = Field(description="The endpoint", examples=["https://api.supplier.example"])
    credentials: list[str] | None = Field(
        description="Names of the credentials that are there. Null: they do not open with SECRET_KEYS",
        examples=[["token", "token2"]],
    )
    settings: dict[str, Any] = Field(examples=[_SUPPLIER])
    is_active: bool
    problem: str | None = Field(description="Why calls are refused for now; null when they work")
    paused_until: datetime | None = Field(description="Nothing is sent until then")
    pause_reason: str | None = Field(description="Why; the other side asked for it, or refused")
    is_held: bool = Field(
        description="Its credentials were refused: its tasks wait without using up attempts, and go on when "
        "the account is changed"
    )
    created_at: datetime
    updated_at: datetime


class AccountsAnswer(Answer):
    accounts: list[AccountOut]


class AccountAnswer(Answer):
    account: AccountOut


class AccountIn(BaseModel):
    """A new account."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    shop: str = Field(description="The shop's domain")
    kind: str = Field(examples=["supplier"])
    name: str = Field(min_length=1, max_length=200, examples=["Gate4cards - Primary"])
    base_url: str | None = Field(
        default=None,
        description="The endpoint; kinds that are never called need none",
        examples=["https://api.supplier.example"],
    )
    credentials: dict[str, str | list[str]] = Field(
        description="engage: api_key; shopify: access_token; supplier: token and, if it wants two, token2; "
        "amazon and ebay: client_id, client_secret, refresh_token; woocommerce, standard and shipper: "
        "webhook_secret, one or several",
        examples=[{"token": "…", "token2": "…"}],
    )
    settings: dict[str, Any] = Field(default={}, examples=[_SUPPLIER])


class AccountChange(BaseModel):
    """What is left out stays. Credentials and settings are changed one by one; null takes one away."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    name: str | None = Field(default=None, min_length=1, max_length=200)
    base_url: str | None = None
    is_active: bool | None = None
    credentials: dict[str, str | list[str] | None] | None = Field(default=None, examples=[{"token": "…"}])
    settings: dict[str, Any] | None = Field(default=None, examples=[{"auto_publish_order": False}])


class CheckAnswer(Answer):
    """How the trial went; `pending`: it goes on, look at the task later."""

    task_id: UUID
    state: Literal["pending", "succeeded", "failed"]
    message: str | None = Field(description="What the other system answered, or what is wrong")
    remedy: str | None = Field(description="What to do about it")


class StartedTask(BaseModel):
    """A task that was started; it shows in the list of tasks a moment later."""

    id: UUID
    type: str = Field(examples=["PublishOrder"])
    account_id: RowId
    account: str
    order_number: str | None = Field(examples=["#1042"])


class ActionAnswer(Answer):
    tasks: list[StartedTask] = Field(description="At most the first 1,000")
    count: int = Field(description="How many tasks were started in all")


class ActionIn(BaseModel):
    """Which suppliers: one account, all of a shop, or (nothing) all this token may see."""

    model_config = ConfigDict(extra="forbid")

    account_id: RowId | None = None
    shop: str | None = Field(default=None, description="The shop's domain")


class RunOut(BaseModel):
    """A run through a supplier's orders or products; its figures grow while it is under way."""

    id: UUID = Field(description="The task that began it")
    type: str = Field(examples=["UpdateProducts"])
    shop: str
    account_id: RowId
    account: str
    state: Literal["under_way", "finished", "broken_off"]
    items_processed: int
    items_failed: int
    items_total: int | None = Field(description="Null: the supplier does not say")
    summary: dict[str, Any] = Field(examples=[{"updated": 12, "created": 3, "unchanged": 985, "failed": 0}])
    problem: str | None = Field(description="Why it broke off; a retry of its failed task goes on with it")
    per_second: float | None = Field(description="How many items a second so far")
    seconds_left: int | None = Field(description="Until the end at that pace. Null: not known")
    started_at: datetime
    updated_at: datetime
    finished_at: datetime | None


class RunsAnswer(Answer):
    runs: list[RunOut]
    next: UUID | None = Field(description="Give this as `before` for the older ones. Null: there are none")
