"""Tasks that led to one another, as a tree. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol
from uuid import UUID


class Relation(StrEnum):
    """Why a task stands below another."""

    FOLLOW_UP = "follow-up"
    RETRY = "retry"


class Linked(Protocol):
    @property
    def task_id(self) -> UUID: ...
    @property
    def parent_id(self) -> UUID | None: ...
    @property
    def retry_of(self) -> UUID | None: ...


@dataclass(frozen=True, slots=True)
class Node:
    """`under` None: nothing of the tree led to it. `depth`: 0 for such ones."""

    task_id: UUID
    under: UUID | None
    relation: Relation | None
    depth: int


def arranged(tasks: Iterable[Linked]) -> list[Node]:
    """Each task above all that it led to, those of one task in the order they were created.

    A retry stands below the task it repeats, whatever caused that one.
    """
    by_id = {task.task_id: task for task in tasks}
    below: dict[UUID | None, list[UUID]] = defaultdict(list)
    for task_id in sorted(by_id, reverse=True):
        above = _above(by_id[task_id])
        below[above if above in by_id else None].append(task_id)
    return _walked(by_id, below)


def _above(task: Linked) -> UUID | None:
    return task.retry_of or task.parent_id


def _walked(by_id: Mapping[UUID, Linked], below: Mapping[UUID | None, Sequence[UUID]]) -> list[Node]:
    nodes: list[Node] = []
    waiting: list[tuple[UUID, UUID | None, int]] = [(task_id, None, 0) for task_id in below.get(None, ())]
    while waiting:
        task_id, under, depth = waiting.pop()
        nodes.append(Node(task_id, under, _relation(by_id[task_id]) if under else None, depth))
        waiting += [(follower, task_id, depth + 1) for follower in below.get(task_id, ())]
    return nodes


def _relation(task: Linked) -> Relation:
    return Relation.RETRY if task.retry_of else Relation.FOLLOW_UP
