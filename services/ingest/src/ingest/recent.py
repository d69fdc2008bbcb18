"""The ids accepted lately, to name a duplicate when it is known for sure."""

from collections import OrderedDict
from uuid import UUID


class RecentTasks:
    """Bounded: the oldest id is forgotten first. Knows nothing of other replicas and of earlier lives."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._ids: OrderedDict[UUID, None] = OrderedDict()

    def add(self, task_id: UUID) -> bool:
        """Whether it was there already."""
        is_known = task_id in self._ids
        self._ids[task_id] = None
        self._ids.move_to_end(task_id)
        if len(self._ids) > self._size:
            self._ids.popitem(last=False)
        return is_known
