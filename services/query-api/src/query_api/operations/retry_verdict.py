"""Whether a task can be retried, and whether that may repeat an effect at the other side. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from query_api.operations.port import Verdict
from shared.envelope import State
from shared.tasks import CATALOGUE, Group, Lane, TaskSpec, TaskType

# After these nobody knows what the other side did with the last request.
DOUBTFUL = {
    "unknown_outcome": "its last request was sent and no answer came",
    "timeout": "it was broken off while it may have been waiting for an answer",
    "worker_died": "its worker died while it may have been telling the other side",
    "internal": "it broke off at a place nobody foresaw",
    "malformed_answer": "the other side answered, and the answer could not be read",
}
UNCERTAIN = "an attempt before the last one was sent and got no answer"
BULK = {Lane.SYNC: Lane.SYNC_BULK, Lane.WRITEBACK: Lane.WRITEBACK_BULK}


@dataclass(frozen=True, slots=True)
class Ended:
    """What is known of a task that somebody wants to retry. `error_kind` of its last attempt that was made;
    `was_uncertain`: an attempt of it was followed by another because nobody knew what it had done."""

    type: str
    state: State
    error_kind: str | None
    has_payload: bool = True
    was_uncertain: bool = False
    is_retried: bool = False
    is_account_active: bool = True
    is_shop_active: bool = True


RETRIABLE = (State.FAILED, State.CANCELLED)
NOT_FAILED = Verdict(
    "not_failed", "Only tasks that failed or were cancelled are retried: this one is not over, or succeeded."
)
RETRIED = Verdict("already_retried", "It was retried already. Should that have failed too, retry that one.")
UNKNOWN_TYPE = Verdict("unknown_type", "Tasks of its type are not known any more.")
NO_PAYLOAD = Verdict(
    "payload_gone",
    "The data it worked on is not kept any more, or was erased, so it can not be run again. Have the shop "
    "send it anew: save the thing there once, or import the shop's data.",
)
ACCOUNT_OFF = Verdict("account_off", "Its account is switched off: switch it on first.")
SHOP_OFF = Verdict(
    "shop_off", "The app was uninstalled from its shop: nothing is synchronised for it any more."
)


def verdict_of(task: Ended) -> Verdict | None:
    """None: it can be retried, and that repeats no effect."""
    return _hindrance(task) or _risk(task, CATALOGUE[TaskType(task.type)])


def bulk_lane(lane: Lane) -> Lane:
    """Where many run beside live tasks of a lane, not before them."""
    return BULK.get(lane, lane)


def _hindrance(task: Ended) -> Verdict | None:
    if task.type not in CATALOGUE:
        return UNKNOWN_TYPE
    is_owed = CATALOGUE[TaskType(task.type)].group is Group.PRIVACY
    hindrances: Mapping[Verdict, bool] = {
        NOT_FAILED: task.state not in RETRIABLE,
        RETRIED: task.is_retried,
        NO_PAYLOAD: not task.has_payload,
        SHOP_OFF: not (task.is_shop_active or is_owed),
        ACCOUNT_OFF: not (task.is_account_active or is_owed),
    }
    return next((verdict for verdict, holds in hindrances.items() if holds), None)


def _risk(task: Ended, spec: TaskSpec) -> Verdict | None:
    """What can be read back, or is recognised by its key, is never repeated: such types are `repeatable`."""
    if spec.repeatable:
        return None
    doubt = _doubt(task)
    if doubt is None:
        return None
    deed = spec.description[:1].lower() + spec.description[1:]
    message = f"A retry may do it twice: {deed}, and {doubt}. Look there first."
    return Verdict("may_repeat_effect", message, is_risk=True)


def _doubt(task: Ended) -> str | None:
    """Why nobody knows what the other side did. A task may be cancelled before it did anything."""
    kind = task.error_kind or ("" if task.state is State.CANCELLED else "internal")
    return DOUBTFUL.get(kind) or (UNCERTAIN if task.was_uncertain else None)
