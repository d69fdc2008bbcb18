"""Imports of a shop's data."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from query_api.schemas.answer import Answer

Kind = Literal["customers", "orders"]
State = Literal["requested", "exporting", "staging", "processing", "syncing", "finished", "failed", "stopped"]


class ImportIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    shop: str = Field(description="The shop's domain", examples=["demo-outdoor.myshopify.com"])
    kinds: list[Kind] = Field(
        default=["customers", "orders"],
        min_length=1,
        description="What is imported; customers always come before orders",
    )


class ImportPart(BaseModel):
    """One kind of data. Counts of what became of its objects: `new`, `changed`, `unchanged`, `older` (what is
    stored is newer) and `deleted` (it was deleted before). With orders come `parcels` and `refunds` that were
    not known."""

    kind: Kind
    state: Literal["waiting", "under_way", "stored"]
    counts: dict[str, int] = Field(examples=[{"new": 980, "unchanged": 12, "failed": 3, "orphans": 1}])


class ImportOut(BaseModel):
    """`processed`, `failed` and `total` count objects of the kind under way; bad lines count as failed."""

    id: UUID
    shop: str = Field(description="The shop's domain")
    state: State = Field(
        description="exporting: the shop writes; staging: its file is read; processing: objects are stored; "
        "syncing: all is stored, and what changed goes to the CRM in small batches"
    )
    kinds: list[Kind]
    kind: Kind = Field(description="The kind under way")
    processed: int
    failed: int
    total: int | None = Field(description="Null until it is known; exact once everything is staged")
    lines: int = Field(description="Lines of the export staged so far")
    bytes_staged: int
    bytes_total: int | None
    to_sync: int = Field(
        description="Changes the CRM has to be told, those of a stopped or failed import as well"
    )
    handed_over: int = Field(description="Changes whose tasks have been made")
    per_second: float | None = Field(description="Pace of this step: objects, or bytes while staging")
    seconds_left: int | None = Field(description="Until the end of this step")
    parts: list[ImportPart]
    problem: str | None = Field(description="Why it failed; a retry of its task goes on where it stood")
    requested_by: str
    task_id: UUID = Field(description="The task that works on it, or did last")
    requested_at: datetime
    updated_at: datetime
    finished_at: datetime | None


class ImportAnswer(Answer):
    import_: ImportOut = Field(alias="import", serialization_alias="import")

    model_config = ConfigDict(extra="forbid", populate_by_name=True)


class ImportsAnswer(Answer):
    imports: list[ImportOut]


class FailedLineOut(BaseModel):
    line: int = Field(description="Counted from 1")
    object_id: str | None = Field(examples=["gid://shopify/Order/5523001122334"])
    reason: str


class FailedLinesAnswer(Answer):
    failures: list[FailedLineOut]
    next: int | None = Field(description="`after` for what comes next; null: there is no more")
