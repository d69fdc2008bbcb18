"""How long what is of a shop is kept."""

from pydantic import BaseModel, ConfigDict, Field

from query_api.schemas.answer import Answer

_DAYS = "Days that received data, requests and answers are kept"


class RetentionIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    payload_days: int | None = Field(
        ge=1, le=3_650, description=f"{_DAYS}. Null: as long as the platform keeps them", examples=[7]
    )


class RetentionAnswer(Answer):
    shop: str = Field(description="The shop's domain")
    payload_days: int | None = Field(
        description="What the shop wants. Null: as long as the platform keeps them", examples=[7]
    )
    platform_payload_days: int = Field(description=f"{_DAYS} where a shop wants nothing else", examples=[30])
