"""Events of the live stream."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field

from query_api.schemas.imports import ImportOut
from query_api.schemas.operations import OperationOut
from query_api.schemas.tasks import TaskBrief
from shared.envelope import State


class TransitionOut(BaseModel):
    """`transition`: a task's change of state. Attempt and state tell it from all others of the task."""

    attempt: int
    state: State
    occurred_at: datetime
    recorded_at: datetime
    service: str = Field(examples=["sync-worker"])
    task: TaskBrief = Field(description="By what this transition alone says of it")


class ProgressOut(BaseModel):
    """`progress`: how far an import or an operation has come."""

    kind: Literal["import", "operation"]
    import_: ImportOut | None = Field(default=None, serialization_alias="import")
    operation: OperationOut | None = None


class AliveOut(BaseModel):
    """`ready` and `alive`: all that was recorded before has been told, if it was asked for."""

    as_of: datetime | None = Field(description="The log is known to be complete up to this moment")


class EndOut(BaseModel):
    """`end`: the last event."""

    reason: str = Field(examples=["shutting-down"])
    detail: str = Field(description="What to do, for people")


DATA: dict[str, type[BaseModel]] = {
    "transition": TransitionOut,
    "progress": ProgressOut,
    "ready": AliveOut,
    "alive": AliveOut,
    "end": EndOut,
}
EVENT = {
    "type": "object",
    "required": ["event", "data"],
    "properties": {
        "id": {"type": "string", "description": "To come back with, as Last-Event-ID"},
        "event": {"type": "string", "enum": list(DATA)},
        "data": {
            "type": "string",
            "contentMediaType": "application/json",
            "description": "; ".join(f"{name}: {model.__name__}" for name, model in DATA.items()),
        },
    },
}
