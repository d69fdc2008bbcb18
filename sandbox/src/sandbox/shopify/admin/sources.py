"""What connections page through: lists that are there, and shelves that may be endless."""

import base64
import binascii
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

import orjson
from graphql import GraphQLError

from sandbox.shopify.admin.context import Args
from sandbox.shopify.admin.search import Search
from sandbox.shopify.shelf import Place, Rank, Shelf

MOST_AT_ONCE = 250
DEEPEST = 25_000


@dataclass(frozen=True)
class Edge:
    cursor: str
    node: Any


@dataclass(frozen=True)
class Page:
    """One page of a connection."""

    edges: list[Edge]
    has_next: bool
    has_previous: bool

    @property
    def nodes(self) -> list[Any]:
        return [edge.node for edge in self.edges]


class Source(ABC):
    """What a connection holds: all of it for bulk operations, page by page for queries."""

    @abstractmethod
    def __iter__(self) -> Iterator[Any]: ...

    @abstractmethod
    def page(self, args: Args) -> Page: ...


class ListSource(Source):
    def __init__(self, items: Sequence[Any], args: Args) -> None:
        self._items = list(reversed(items)) if args.get("reverse") else list(items)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._items)

    def page(self, args: Args) -> Page:
        forward, size = page_size(args)
        after, before = (_read_cursor(args.get(name)) for name in ("after", "before"))
        first = int(after["i"]) + 1 if after else 0
        end = int(before["i"]) if before else len(self._items)
        places = range(first, end)[:size] if forward else range(first, end)[-size:] if size else range(0)
        edges = [Edge(_cursor({"i": place}), self._items[place]) for place in places]
        last = places[-1] if places else first - 1
        return Page(edges, has_next=last + 1 < len(self._items), has_previous=bool(places and places[0]))


class ShelfSource(Source):
    """Everything on a shelf that the search finds, in the order of the rank; `ranked_by` names its field."""

    def __init__(
        self, shelf: Shelf[Any], search: Search, *, rank: Rank[Any], ranked_by: str, reverse: bool
    ) -> None:
        self._shelf = shelf
        self._search = search
        self._rank = rank
        self._reverse = reverse
        self._low = search.bound(ranked_by, (">", ">="))
        self._high = search.bound(ranked_by, ("<", "<="))

    def __iter__(self) -> Iterator[Any]:
        return self._found(None, reverse=self._reverse)

    def _found(self, start: Place | None, *, reverse: bool) -> Iterator[Any]:
        """What is found from this place on, both ends of the search's own limits respected."""
        if start is None and not reverse and self._low is not None:
            start = (self._low, -1)
        if start is None and reverse and self._high is not None:
            start = (self._high, 2**63)
        for resource in self._shelf.walk(self._rank, start=start, reverse=reverse):
            value = self._rank(resource)[0]
            if reverse and self._low is not None and value < self._low:
                return
            if not reverse and self._high is not None and value > self._high:
                return
            if self._search.holds(resource):
                yield resource

    def page(self, args: Args) -> Page:
        forward, size = page_size(args)
        cursor = _read_cursor(args.get("after" if forward else "before"))
        start, seen = (_place(cursor), int(cursor["n"])) if cursor else (None, 0)
        if seen >= DEEPEST:
            raise GraphQLError(
                f"Pagination is limited to {DEEPEST} objects; narrow the query.",
                extensions={"code": "BAD_REQUEST"},
            )
        found = self._found(start, reverse=self._reverse == forward)
        fresh = (resource for resource in found if start is None or self._rank(resource) != start)
        taken = list(islice(fresh, size + 1))
        more, kept = len(taken) > size, taken[:size]
        edges = [Edge(self._cursor_of(node, seen + n), node) for n, node in enumerate(kept, start=1)]
        if forward:
            return Page(edges, has_next=more, has_previous=start is not None)
        return Page(edges[::-1], has_next=start is not None, has_previous=more)

    def _cursor_of(self, resource: Any, seen: int) -> str:
        value, number = self._rank(resource)
        return _cursor({"v": value, "id": number, "n": seen})


def page_size(args: Args) -> tuple[bool, int]:
    """Whether it goes forward, and how many are wanted; raises GraphQLError."""
    first, last = args.get("first"), args.get("last")
    if first is None and last is None:
        raise GraphQLError("you must provide one of first or last", extensions={"code": "BAD_REQUEST"})
    size: int = first if first is not None else last or 0
    if not 0 <= size <= MOST_AT_ONCE:
        name = "first" if first is not None else "last"
        message = f"{name} must be between 0 and {MOST_AT_ONCE}; got {size}"
        raise GraphQLError(message, extensions={"code": "BAD_REQUEST"})
    return first is not None, size


def _cursor(content: dict[str, Any]) -> str:
    return base64.b64encode(orjson.dumps(content)).decode()


def _read_cursor(text: str | None) -> dict[str, Any] | None:
    if text is None:
        return None
    try:
        content = orjson.loads(base64.b64decode(text, validate=True))
    except (binascii.Error, orjson.JSONDecodeError):
        content = None
    if not isinstance(content, dict):
        raise GraphQLError(f"Invalid cursor for current pagination sort: {text}.")
    return content


def _place(cursor: dict[str, Any]) -> Place:
    value = cursor["v"]
    return (datetime.fromisoformat(value) if isinstance(value, str) else value, cursor["id"])
