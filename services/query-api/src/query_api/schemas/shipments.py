"""Shipments, their attempts and their orders."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, Field

from query_api.schemas.answer import Answer, RowId
from query_api.schemas.tasks import PayloadEntry
from query_api.shipment_words import WORDS, Fulfilment, ShipmentState
from shared.envelope import State

_WORDS = ", ".join(f"{state}: {word}" for state, word in WORDS.items())
_NEXT = "Cursor of the next page. Null: this is the last one"
_PREVIOUS = "Cursor of the page before. Null: this is the first one"


class ShipmentBrief(BaseModel):
    """One package of a shipment, and how it stands with its order's shop or marketplace."""

    id: UUID
    shop: str = Field(description="The shop's domain", examples=["demo.myshopify.com"])
    shop_id: RowId
    account_id: RowId = Field(description="The shop or marketplace that is told of it")
    account: str = Field(examples=["Amazon EU"])
    account_kind: str = Field(examples=["amazon"])
    order_id: str = Field(description="The order's id there")
    order_number: str | None = Field(examples=["902-1106328-1059050"])
    shipment_id: str = Field(description="What the shipping software calls the shipment")
    package_id: str = Field(description="One package of it")
    carrier: str = Field(examples=["PostNord"])
    service: str | None = Field(examples=["MyPack"])
    tracking_numbers: list[str] = Field(examples=[["UA123456789SE"]])
    tracking_url: str | None
    quantity: int = Field(description="Shipped quantity: units in the package", examples=[2])
    state: ShipmentState
    status: str = Field(description=f"The state in words. {_WORDS}", examples=["Prepared"])
    is_void: bool = Field(description="The sender took it back")
    error_count: int = Field(description="Attempts of the last write-back that did not succeed")
    error_kind: str | None = Field(examples=["validation"])
    error_message: str | None
    note: str | None = Field(
        description="What is worth knowing of how it was told; who marked it as done by hand",
        examples=["Marked as done by hand by Ann: confirmed in Seller Central"],
    )
    last_attempt_at: datetime | None
    synced_at: datetime | None
    shipped_at: datetime
    created_at: datetime
    updated_at: datetime
    task_id: UUID = Field(description="The write-back that last worked on it, or is to")


class ShipmentListAnswer(Answer):
    shipments: list[ShipmentBrief]
    next: str | None = Field(description=_NEXT)
    previous: str | None = Field(description=_PREVIOUS)


class ShipmentItem(BaseModel):
    id: str = Field(description="The order line's id")
    sku: str | None
    quantity: int


class Attempt(BaseModel):
    """One attempt to tell the order's shop or marketplace."""

    task_id: UUID
    attempt: int
    max_attempts: int
    state: State = Field(description="How it ended: succeeded, failed, or retrying; processing: it goes on")
    started_at: datetime | None
    ended_at: datetime | None
    duration_ms: float | None
    due_at: datetime | None = Field(description="When the next attempt is made")
    note: str | None
    error_kind: str | None
    error_message: str | None
    http_status: int | None
    remedy: str | None
    calls: list[PayloadEntry] | None = Field(
        description="Each request with its answer. Null: this token's role does not see data"
    )


class WriteBack(BaseModel):
    """A task that told of the shipment, or is to."""

    task_id: UUID
    state: State
    retry_of: UUID | None = Field(description="The task that a person retried with this one")
    attempts: list[Attempt]
    payloads: str = Field(description="Address of all it sent and got back")


class ManualStep(BaseModel):
    text: str
    paste: dict[str, str] = Field(
        description="What to enter in this step, by the name of the field there",
        examples=[{"Tracking ID": "UA123456789SE"}],
    )


class ManualSteps(BaseModel):
    """How a person reports it by hand."""

    title: str = Field(examples=["Confirm Shipment in Amazon Seller Central"])
    steps: list[ManualStep]


class ShipmentError(BaseModel):
    kind: str = Field(examples=["validation"])
    message: str
    remedy: str = Field(description="What to do next")


class Waiting(BaseModel):
    """Why nothing goes to its account for now."""

    reason: str
    until: datetime
    is_held: bool = Field(description="Its credentials were refused: enter them again to go on at once")


class OrderBrief(BaseModel):
    """An order with shipments, and how far its shop or marketplace knows of them."""

    account_id: RowId
    account: str
    account_kind: str
    shop: str
    order_id: str
    order_number: str | None
    state: ShipmentState = Field(
        description="failed when one of its shipments is, else pending when one is, else synced"
    )
    status: str = Field(description=f"The state in words. {_WORDS}")
    message: str | None = Field(examples=["Requires shipment synchronization"])
    fulfilment: Fulfilment
    packages: dict[ShipmentState, int] = Field(description="How many packages are in each state")
    units_ordered: int | None = Field(description="Null: not known")
    units_synced: int = Field(description="Units in packages that the shop or marketplace knows of")
    order_status: str | None = Field(description="What the shop or marketplace says", examples=["UNSHIPPED"])
    ordered_at: datetime | None
    first_shipment_at: datetime
    updated_at: datetime


class Shipment(ShipmentBrief):
    """All there is to know of one package."""

    label: str | None
    package_number: int = Field(description="Counted from 1 for each order")
    items: list[ShipmentItem]
    target_id: str | None = Field(description="What the shop or marketplace calls it")
    error: ShipmentError | None
    waiting: Waiting | None
    order: OrderBrief | None
    write_backs: list[WriteBack] = Field(description="The newest first, ten at most")
    manual_steps: ManualSteps | None = Field(description="For a failed one")


class ShipmentAnswer(Answer):
    shipment: Shipment


class OrderListAnswer(Answer):
    orders: list[OrderBrief]
    next: str | None = Field(description=_NEXT)
    previous: str | None = Field(description=_PREVIOUS)
