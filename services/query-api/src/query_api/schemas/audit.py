"""The audit log."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field

from query_api.schemas.answer import Answer, RowId


class DeedOut(BaseModel):
    id: RowId
    at: datetime
    actor: str = Field(
        description="The name of the token or person, or `command line`", examples=["Ada, support"]
    )
    token_id: RowId | None = Field(description="Null: by the command line")
    address: str | None = Field(description="Where the request came from", examples=["203.0.113.7"])
    action: str = Field(examples=["task.retry"])
    shop: str | None = Field(description="A domain. Null: several shops, or none")
    subject: str | None = Field(description="What it was done to: the id of a task, account, token, …")
    detail: Mapping[str, Any] = Field(description="What was asked for, without secrets and personal data")


class AuditAnswer(Answer):
    deeds: list[DeedOut]
    next: RowId | None = Field(description="As `before`: what was done before these. Null: nothing was")
