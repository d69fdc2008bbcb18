"""Kinds of failure."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, Field

from query_api.failures.groups import Direction, FailureState
from query_api.schemas.answer import Answer, RowId

_STATE = "new: first seen within 24 hours; known; resolved: a person said so; back: it failed again since"


class FailureExample(BaseModel):
    """The newest task that failed so."""

    task_id: UUID
    order_number: str | None = Field(examples=["#1042"])


class TouchedAccount(BaseModel):
    id: RowId
    kind: str | None = Field(description="Null: it is not there any more", examples=["engage"])
    name: str | None
    shop: str | None


class FailureHour(BaseModel):
    start: datetime
    count: int


class FailureTrend(BaseModel):
    direction: Direction = Field(description="The last 24 hours beside the 24 before")
    last_24h: int
    day_before: int
    hours: list[FailureHour] = Field(description="Without a gap, the running hour last")


class FailureOut(BaseModel):
    """Failures that are equal but for ids and values, in all shops this token sees."""

    fingerprint: str = Field(description="Also a filter of /tasks, and of operations that retry them")
    state: FailureState = Field(description=_STATE)
    type: str = Field(description="Of the tasks that failed", examples=["SyncOrder"])
    group: str = Field(examples=["order sync"])
    error_kind: str = Field(examples=["authentication"])
    place: str = Field(description="Where it failed")
    message: str = Field(description="Of the newest")
    remedy: str = Field(description="What to do")
    count: int = Field(description="How many tasks failed so, as far as the log goes back")
    first_at: datetime
    last_at: datetime
    shops: list[str] = Field(description="Domains of the shops touched, the latest first")
    accounts: list[TouchedAccount] = Field(
        description="Accounts touched; in lists those of the week before the last failure"
    )
    example: FailureExample
    trend: FailureTrend = Field(description="Of two days in lists, else of seven")


class FailuresAnswer(Answer):
    failures: list[FailureOut]
    searched_since: datetime = Field(description="What last failed before it was not looked at")
    next: str | None = Field(description="Cursor of the page after this one")
    previous: str | None = Field(description="Cursor of the page before this one")


class FailureInShop(BaseModel):
    shop: str | None = Field(description="Its domain. Null: tasks for shops nobody knows")
    state: FailureState = Field(description=_STATE)
    count: int
    first_at: datetime
    last_at: datetime
    resolved_at: datetime | None
    resolved_by: str | None = Field(description="The name of the token", examples=["on-call"])
    back_at: datetime | None = Field(description="The first failure after it was resolved")
    example: FailureExample


class FailureOfAccount(BaseModel):
    account: TouchedAccount | None = Field(description="Null: of tasks without one")
    count: int


class FailureDetail(FailureOut):
    by_shop: list[FailureInShop]
    by_account: list[FailureOfAccount] = Field(description="Those with most failures first")


class FailureAnswer(Answer):
    failure: FailureDetail
