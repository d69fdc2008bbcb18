"""Shipments that a person did by hand."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from query_api.done_by_hand import LONGEST_NOTE
from query_api.field_words import storable
from query_api.schemas.answer import Answer
from query_api.shipment_words import ShipmentState

Words = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=LONGEST_NOTE), AfterValidator(storable)
]


class DoneByHandIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    note: Words | None = Field(
        default=None,
        description="What others should know of it; without names and addresses of buyers",
        examples=["Confirmed in Seller Central, case 1234"],
    )


class DoneByHandAnswer(Answer):
    """The shipment as it is from then on."""

    shipment: UUID
    state: ShipmentState = Field(description="synced, or voided when the sender took it back")
    status: str = Field(description="The state in words", examples=["Prepared"])
    note: str = Field(examples=["Marked as done by hand by Ann: confirmed in Seller Central"])
    synced_at: datetime | None = Field(description="When it was marked")
