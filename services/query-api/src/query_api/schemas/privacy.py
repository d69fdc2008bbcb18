"""Privacy requests."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from query_api.schemas.answer import Answer, RowId


class PrivacyRequestOut(BaseModel):
    """That a request was made and what was done; never whom it was about."""

    id: RowId
    shop: str = Field(description="The shop's domain; it need not be known here")
    kind: Literal["data_request", "customer_redact", "shop_redact"]
    task_id: UUID
    state: Literal["under_way", "done"]
    summary: dict[str, Any] = Field(examples=[{"customers": 1, "orders": 3, "exchanges": 12}])
    has_export: bool = Field(description="Whether the document can be downloaded")
    requested_at: datetime
    due_at: datetime
    done_at: datetime | None


class PrivacyRequestsAnswer(Answer):
    requests: list[PrivacyRequestOut]
