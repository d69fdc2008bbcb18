"""An order's story in words: one line for what each task did, does or could not do. Pure."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from shared.envelope import State
from shared.tasks import TaskType


class Stage(StrEnum):
    """The parts of an order's way, as they usually follow one another."""

    WEBHOOK = "webhook"
    INDEX = "index"
    CRM = "CRM"
    SUPPLIER = "supplier"
    WRITE_BACK = "write-back"
    CONFIRMATION = "confirmation"
    OTHER = "other"


class Told(Protocol):
    """What of a task its line says."""

    @property
    def type(self) -> str: ...
    @property
    def state(self) -> State: ...
    @property
    def note(self) -> str | None: ...
    @property
    def error_message(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Words:
    """`{system}` stands for the account a task works with."""

    stage: Stage
    doing: str
    done: str


_T = TaskType
_SYSTEMS = {Stage.CRM: "the CRM", Stage.SUPPLIER: "the supplier", Stage.WRITE_BACK: "the shop or marketplace"}
_WORDS = {
    _T.ORDER_WEBHOOK: Words(Stage.WEBHOOK, "taking in the order", "the shop told of the order"),
    _T.FULFILLMENT_WEBHOOK: Words(Stage.WEBHOOK, "taking in a parcel", "the shop told of a parcel"),
    _T.REFUND_WEBHOOK: Words(Stage.WEBHOOK, "taking in a refund", "the shop told of a refund"),
    _T.SHIPMENT_RECEIVED: Words(Stage.WEBHOOK, "taking in packages", "shipping software reported packages"),
    _T.INDEX_ORDER: Words(Stage.INDEX, "storing the order", "the order was stored"),
    _T.INDEX_REFUND: Words(Stage.INDEX, "storing the refund", "the refund was stored"),
    _T.SYNC_ORDER: Words(Stage.CRM, "sending the receipt to {system}", "{system} has the receipt"),
    _T.SYNC_ORDER_NOTIFICATION: Words(
        Stage.CRM, "telling {system} the order's status", "{system} knows the order's status"
    ),
    _T.SYNC_ORDER_FULFILLMENT_NOTIFICATION: Words(
        Stage.CRM, "telling {system} the parcel's status", "{system} knows the parcel's status"
    ),
    _T.SYNC_REFUND: Words(
        Stage.CRM,
        "sending the receipt of what came back to {system}",
        "{system} has the receipt of what came back",
    ),
    _T.SYNC_REFUND_NOTIFICATION: Words(
        Stage.CRM, "telling {system} of the refund", "{system} knows of the refund"
    ),
    _T.PUBLISH_ORDER: Words(Stage.SUPPLIER, "handing the order to {system}", "{system} took the order"),
    _T.WRITEBACK_SHIPMENT: Words(
        Stage.WRITE_BACK, "telling {system} of a package", "{system} was told of a package"
    ),
}
_GOES_ON = {
    State.QUEUED: "is waiting for its turn",
    State.PROCESSING: "is under way",
    State.RETRYING: "did not work and is tried again",
    State.FAILED: "failed",
    State.CANCELLED: "was cancelled",
}


def stage_of(task_type: str) -> Stage:
    return _words_of(task_type).stage


def line_of(task: Told, *, system: str | None = None, topic: str | None = None) -> str:
    """`system`: what the task's account is called. `topic`: of the webhook it received.

    What succeeded with a note may have done nothing, and the note says so.
    """
    words = _words_of(task.type)
    named = system or _SYSTEMS.get(words.stage, "the other system")
    doing = sentence(words.doing.format(system=named))
    if task.state is State.SUCCEEDED:
        done = sentence(words.done.format(system=named))
        return f"{doing}: {task.note}" if task.note else done + (f" ({topic})" if topic else "")
    why = f": {task.error_message}" if task.error_message else ""
    return f"{doing} {_GOES_ON.get(task.state, task.state.value)}{why}"


def _words_of(task_type: str) -> Words:
    if task_type in _WORDS:
        return _WORDS[TaskType(task_type)]
    return Words(Stage.OTHER, task_type, f"{task_type} is done")


def sentence(text: str) -> str:
    """With its first letter as one begins."""
    return text[:1].upper() + text[1:]
