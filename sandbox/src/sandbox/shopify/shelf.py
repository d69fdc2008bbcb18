"""Resources of one kind, by id and by their last change; some are kept, many more made when asked for."""

import heapq
from bisect import bisect_left, insort
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar


class Resource(Protocol):
    @property
    def id(self) -> int: ...
    @property
    def created_at(self) -> datetime: ...
    @property
    def updated_at(self) -> datetime: ...


R = TypeVar("R", bound=Resource)
Made_co = TypeVar("Made_co", bound=Resource, covariant=True)
Place = tuple[Any, int]
Rank = Callable[[R], Place]


class Background(Protocol[Made_co]):
    """Resources that exist without being kept: made from their number, the older the smaller it is."""

    def __len__(self) -> int: ...
    def at(self, index: int) -> Made_co: ...
    def index_of(self, resource_id: int) -> int | None: ...


class Nothing:
    """The background of a shop without a past."""

    def __len__(self) -> int:
        return 0

    def at(self, index: int) -> Any:
        raise IndexError(index)

    def index_of(self, resource_id: int) -> None:  # noqa: ARG002
        return None


def by_update(resource: Resource) -> Place:
    return (resource.updated_at, resource.id)


class Shelf(Generic[R]):
    """What changed is kept and hides its former self in the background; the oldest kept are dropped."""

    def __init__(self, *, limit: int) -> None:
        self._limit = limit
        self._kept: dict[int, R] = {}
        self._gone: set[int] = set()
        self._places: list[Place] = []
        self.background: Background[R] = Nothing()

    def get(self, resource_id: int) -> R | None:
        if resource_id in self._kept:
            return self._kept[resource_id]
        index = None if resource_id in self._gone else self.background.index_of(resource_id)
        return None if index is None else self.background.at(index)

    def put(self, resource: R) -> None:
        self._take_off(resource.id)
        self._kept[resource.id] = resource
        insort(self._places, by_update(resource))
        while len(self._kept) > self._limit:
            self._take_off(next(iter(self._kept)))

    def remove(self, resource_id: int) -> None:
        self._take_off(resource_id)
        if self.background.index_of(resource_id) is not None:
            self._gone.add(resource_id)

    def fill(self, background: Background[R]) -> None:
        """Another past; what happened to the former one is forgotten."""
        self.background = background
        self._gone.clear()

    def copy(self) -> "Shelf[R]":
        other: Shelf[R] = Shelf(limit=self._limit)
        other._kept, other._gone = dict(self._kept), set(self._gone)
        other._places, other.background = list(self._places), self.background
        return other

    def kept(self) -> list[R]:
        """Everything that is kept, the last changed last."""
        found = (self._kept.get(resource_id) for _, resource_id in list(self._places))
        return [resource for resource in found if resource is not None]

    def __len__(self) -> int:
        hidden = sum(self.background.index_of(resource_id) is not None for resource_id in self._kept)
        return len(self._kept) + len(self.background) - hidden - len(self._gone)

    def walk(self, rank: Rank[R], *, start: Place | None = None, reverse: bool = False) -> Iterator[R]:
        """Everything in the order of `rank`, from the first place after (or at) `start`."""
        kept = self._kept_from(rank, start, reverse=reverse)
        past = self._past_from(rank, start, reverse=reverse)
        return heapq.merge(kept, past, key=rank, reverse=reverse)

    def _kept_from(self, rank: Rank[R], start: Place | None, *, reverse: bool) -> list[R]:
        ordered = self.kept() if rank is by_update else sorted(self._kept.values(), key=rank)
        if reverse:
            return [r for r in reversed(ordered) if start is None or rank(r) <= start]
        return ordered if start is None else ordered[bisect_left(ordered, start, key=rank) :]

    def _past_from(self, rank: Rank[R], start: Place | None, *, reverse: bool) -> Iterator[R]:
        places = range(len(self.background))
        if start is not None:
            split = bisect_left(places, start, key=lambda index: rank(self.background.at(index)))
            places = range(split + 1) if reverse else range(split, len(self.background))
        for index in reversed(places) if reverse else places:
            if index < len(self.background):
                resource = self.background.at(index)
                beyond = reverse and start is not None and rank(resource) > start
                if not beyond and resource.id not in self._kept and resource.id not in self._gone:
                    yield resource

    def _take_off(self, resource_id: int) -> None:
        before = self._kept.pop(resource_id, None)
        if before is not None:
            del self._places[bisect_left(self._places, by_update(before))]
