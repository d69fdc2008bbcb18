"""Refused deliveries."""

from datetime import datetime

from pydantic import BaseModel, Field

from query_api.schemas.answer import Answer, RowId


class RejectionKindOut(BaseModel):
    """Deliveries that were refused for the same reason, of the same sender, shop and topic."""

    source: str = Field(examples=["shopify"])
    shop: str | None = Field(description="The domain the sender named")
    topic: str | None
    reason: str = Field(examples=["bad_signature"])
    title: str = Field(description="The reason in words", examples=["The signature is wrong"])
    remedy: str = Field(description="What to do about it")
    count: int
    first_at: datetime
    last_at: datetime


class RejectionOut(RejectionKindOut):
    """Those of a minute."""

    id: RowId


class RejectionsAnswer(Answer):
    rejections: list[RejectionOut]


class RejectionKindsAnswer(Answer):
    kinds: list[RejectionKindOut]
    is_cut: bool = Field(description="There are too many to look at all of them: the latest are told")
