"""What a text can mean, and whether one of it is true of a task. Pure."""

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from shared.envelope import State
from shared.tasks import TaskType

NAMED_COLUMNS = ("order_number", "source_id", "target_id")

Named = tuple[str, tuple[str, ...]]


class Facts(Protocol):
    """What of a task a text may name."""

    @property
    def task_id(self) -> UUID: ...
    @property
    def account_id(self) -> int | None: ...
    @property
    def type(self) -> str: ...
    @property
    def state(self) -> str: ...
    @property
    def order_number(self) -> str | None: ...
    @property
    def source_id(self) -> str | None: ...
    @property
    def target_id(self) -> str | None: ...
    @property
    def error_kind(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Search:
    """A task is found when one of the meanings is true of it. The text tells those in the first part; the
    second has to be looked up before tasks are judged; the third says how to come to such tasks.

    `ids`: from the first, up to, not including, the second. `names`, `beginnings`: columns, and what stands
    there, or begins so. `task_ids`: of packages with such a number. `worded`: with its words in the message
    of their error. `leads`: tasks whose names begin so; None: too many to know them.
    `are_words_frequent`: too many have the words to know them.
    """

    text: str
    ids: tuple[UUID, UUID] | None = None
    order_numbers: tuple[str, ...] = ()
    types: tuple[TaskType, ...] = ()
    states: tuple[State, ...] = ()

    names: tuple[Named, ...] = ()
    beginnings: tuple[Named, ...] = ()
    account_ids: tuple[int, ...] = ()
    task_ids: frozenset[UUID] = frozenset()
    worded: frozenset[UUID] = frozenset()

    leads: frozenset[UUID] | None = frozenset()
    are_words_frequent: bool = False

    @property
    def is_narrow(self) -> bool:
        """Whether it means certain things, not kinds of them."""
        kinds = (self.types, self.states, self.account_ids, self.are_words_frequent)
        return self.leads is not None and not any(kinds)

    @property
    def are_only_frequent_words(self) -> bool:
        """Whether it means nothing but words in messages, which many have."""
        other = (self.types, self.states, self.account_ids, self.names, self.task_ids, self.ids, self.leads)
        return self.are_words_frequent and self.leads is not None and not any(other)

    def spellings(self, column: str) -> tuple[str, ...]:
        """How the text may be written in a column."""
        return self.order_numbers if column == "order_number" else (self.text,)


def is_true_of(search: Search, task: Facts) -> bool:
    return (
        (search.ids is not None and search.ids[0] <= task.task_id < search.ids[1])
        or task.task_id in search.task_ids
        or (task.task_id in search.worded and task.error_kind is not None)
        or task.type in search.types
        or task.state in search.states
        or task.account_id in search.account_ids
        or any(getattr(task, column) in names for column, names in search.names)
        or any((getattr(task, column) or "").startswith(names) for column, names in search.beginnings)
    )
