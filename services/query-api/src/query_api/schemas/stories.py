"""A task with all it led to; an order with all that befell it."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, Field

from query_api.schemas.answer import Answer, RowId
from query_api.schemas.tasks import TaskBrief
from query_api.stories.order_words import Stage
from query_api.stories.trees import Relation
from shared.envelope import State


class TreeTask(BaseModel):
    """A task of a tree; those it led to follow it, one level deeper."""

    task: TaskBrief
    under: UUID | None = Field(description="The task of the tree that led to it. Null: none did")
    relation: Relation | None = Field(description="Why it stands there")
    depth: int = Field(description="0: nothing of the tree led to it", examples=[1])


class TaskTreeAnswer(Answer):
    task_id: UUID = Field(description="The task that was asked for")
    tasks: list[TreeTask] = Field(description="Each task before all it led to")
    is_cut: bool = Field(description="There may be more tasks than are listed here")


class StepTransition(BaseModel):
    state: State
    attempt: int
    occurred_at: datetime
    by: str = Field(description="Who wanted it, else the service that did it", examples=["sync-worker"])


class OrderStep(BaseModel):
    """What one task did for the order, or what is stored about it."""

    at: datetime = Field(description="When it came to this")
    stage: Stage
    what: str = Field(examples=["Engage main has the receipt"])
    state: State
    by: str = Field(description="The person, clock, service or system that made it happen", examples=["Kim"])
    account_id: RowId | None
    task: TaskBrief | None = Field(description="Null: it is told from what is stored, not by a task")
    transitions: list[StepTransition] = Field(description="Of the task, in the order they happened")


class OrderStage(BaseModel):
    stage: Stage
    state: State | None = Field(description="The worst of its newest tasks. Null: nothing happened there yet")
    steps: int


class OrderTimelineAnswer(Answer):
    shop: str = Field(description="The shop's domain", examples=["demo.myshopify.com"])
    shop_id: RowId
    order_ids: list[str] = Field(description="Its ids where it was placed", examples=[["5523001122334"]])
    order_number: str | None = Field(examples=["#1042"])
    stages: list[OrderStage] = Field(description="How far each part of its way has come")
    steps: list[OrderStep] = Field(description="In the order they happened")
    has_more: bool = Field(description="It may have more tasks; the newest are told")
