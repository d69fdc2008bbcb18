"""The ids accepted lately, to name a duplicate when it is known for sure."""

from collections import OrderedDict
from uuid import UUID


class RecentTasks:
    """Bounded: the oldest id is forgotten first. Knows nothing of other replicas and of earlier lives."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._ids: OrderedDict[int, None] = OrderedDict()  # of an integer the hash costs next to nothing

    def add(self, task_id: UUID) -> bool:
        """Whether it was there already."""
        number = task_id.int
        is_known = number in self._ids
        self._ids[number] = None
        self._ids.move_to_end(number)
        if len(self._ids) > self._size:
            self._ids.popitem(last=False)
        return is_known
