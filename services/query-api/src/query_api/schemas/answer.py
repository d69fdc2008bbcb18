"""What all answers have in common."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

RowId = Annotated[str, BeforeValidator(str), Field(examples=["1"])]


class Answer(BaseModel):
    model_config = ConfigDict(extra="forbid")

    as_of: datetime | None = Field(
        description="The log is complete up to this moment; also in the header `As-Of`. Null: it is empty",
        examples=["2026-11-21T08:00:04.120Z"],
    )
