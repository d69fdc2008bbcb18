"""What runs for each type of task."""

from functools import partial

from alerting.handlers.notify import notify
from alerting.telling import Teller
from shared.handling import Handler
from shared.tasks import TaskType


def registry(teller: Teller) -> dict[TaskType, Handler]:
    return {TaskType.NOTIFY_ALERT: partial(notify, teller)}
