"""Shipments that are synchronised again."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, Field

from query_api.schemas.answer import Answer, RowId
from query_api.sync_plan import Reason

MOST_AT_ONCE = 500


class StartedSync(BaseModel):
    """A shipment that is pending again; its task shows in the list of tasks a moment later."""

    shipment: UUID
    task_id: UUID
    account_id: RowId
    order_number: str | None
    retry_of: UUID


class NotStarted(BaseModel):
    """Shipments that are left as they are."""

    reason: Reason
    message: str
    count: int
    shipments: list[UUID] = Field(description="Which, where ids were given")


class AccountPart(BaseModel):
    """What one account has to do, and how long that takes it."""

    account_id: RowId
    account: str
    to_start: int
    per_second: float = Field(description="Shipments a second at its rate")
    seconds: int = Field(description="Until the last one is through, what it waits for included")
    paused_until: datetime | None
    problem: str | None = Field(
        description="Why its calls are refused: what is started waits until its credentials are entered again"
    )


class SyncAnswer(Answer):
    dry_run: bool
    matching: int = Field(description="How many shipments were meant")
    to_start: int = Field(description="How many of them can be started, in this request and further ones")
    is_exact: bool = Field(description="False: there are more than these figures say")
    seconds: int = Field(description="How long all that takes; accounts work side by side")
    accounts: list[AccountPart]
    not_started: list[NotStarted]
    started: list[StartedSync] = Field(description=f"At most {MOST_AT_ONCE} in one request")
    next: str | None = Field(
        description="There are more: send the same request with this as `cursor` to go on. Null: that was all"
    )


class SyncOneAnswer(Answer):
    """`started` false: there was nothing to start, for the reason given."""

    shipment: UUID
    started: bool
    task_id: UUID = Field(description="The task that tells of it: the new one, or the one there was")
    reason: Reason | None = None
    message: str
