"""The write-back task types and their handlers. The catalogue has no type on this lane yet."""

from shared.handling import Handler
from shared.tasks import TaskType

HANDLERS: dict[TaskType, Handler] = {}
