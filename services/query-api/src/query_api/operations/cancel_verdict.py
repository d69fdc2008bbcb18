"""Whether a task can be cancelled. Pure."""

from collections.abc import Mapping

from query_api.operations.port import Verdict
from query_api.operations.retry_verdict import UNKNOWN_TYPE
from shared.envelope import State
from shared.tasks import CATALOGUE, Group, TaskType

RUNNING = Verdict(
    "running", "It is being worked on right now, and what was sent can not be taken back. It ends by itself."
)
OVER = Verdict("over", "It is over: there is nothing left to cancel.")
CANCELLED = Verdict("already_cancelled", "It was cancelled already.")
MOVED = Verdict("moved_on", "It moved on while this was asked for. Look at it again.")
_OWED: Mapping[Group, str] = {
    Group.DATA_IMPORT: "It is a part of an import. Stop the import instead: what is stored stays.",
    Group.PRIVACY: "It is owed to a person by law, so it is not cancelled.",
    Group.ALERTING: "Somebody is to be told by it. Mute the alert to have no more of these.",
}
_REFUSALS: Mapping[str, Verdict] = {"running": RUNNING, "over": OVER, "moved": MOVED}
BY_GROUP = {group: Verdict("not_cancellable", message) for group, message in _OWED.items()}


def verdict_of(task_type: str, state: State) -> Verdict | None:
    """None: it can be cancelled, unless a worker takes it up first."""
    if task_type not in CATALOGUE:
        return UNKNOWN_TYPE
    match state:
        case State.QUEUED | State.RETRYING:
            return BY_GROUP.get(CATALOGUE[TaskType(task_type)].group)
        case State.PROCESSING:
            return RUNNING
        case State.CANCELLED:
            return CANCELLED
        case State.SUCCEEDED | State.FAILED:
            return OVER


def refusal_of(answer: str) -> Verdict | None:
    """What `store.cancel_task` said, in words; None: it is cancelled."""
    return _REFUSALS.get(answer)


def attempt_of(state: State, attempt: int) -> int:
    """The attempt it is cancelled instead of: its first one, or the one it waits for."""
    return attempt + 1 if state is State.RETRYING else attempt
