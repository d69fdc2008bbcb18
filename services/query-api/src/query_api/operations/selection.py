"""Which tasks an operation is about: some that were named, or all that a filter found at one moment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter

from query_api.places import Place
from query_api.repository.pages import find
from query_api.task_order import Spot, place_of, spot_of
from query_api.task_query import Sort, TaskQuery

Json = Mapping[str, Any]
_QUERY = TypeAdapter(TaskQuery)


@dataclass(frozen=True, slots=True)
class Named:
    """Each once, in the order they were given."""

    ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class Filtered:
    """`query` as it was narrowed to that moment; `asked`: the filter in the words it was asked in."""

    query: TaskQuery
    asked: Json
    frozen_at: datetime


Selection = Named | Filtered


@dataclass(frozen=True, slots=True)
class Batch:
    """The next tasks, and where to go on after them; None: these were the last."""

    ids: list[UUID]
    cursor: Json | None


def named(ids: Sequence[UUID]) -> Named:
    return Named(tuple(dict.fromkeys(ids)))


def oldest_first(query: TaskQuery) -> TaskQuery:
    """So that what is added meanwhile comes after all that was there."""
    return replace(query, sort=Sort.CREATED, descending=False)


def query_to_json(query: TaskQuery) -> Any:
    return _QUERY.dump_python(query, mode="json")


def query_from_json(stored: Any) -> TaskQuery:
    return _QUERY.validate_python(stored)


def to_json(selection: Selection) -> dict[str, Any]:
    match selection:
        case Named(ids=ids):
            return {"ids": [str(one) for one in ids]}
        case Filtered():
            return {
                "query": query_to_json(selection.query),
                "filter": dict(selection.asked),
                "frozen_at": selection.frozen_at.isoformat(),
            }


def from_json(stored: Json) -> Selection:
    if "ids" in stored:
        return Named(tuple(UUID(one) for one in stored["ids"]))
    query = query_from_json(stored["query"])
    return Filtered(query, stored["filter"], datetime.fromisoformat(stored["frozen_at"]))


async def next_batch(connection: Any, selection: Selection, cursor: Json | None, *, limit: int) -> Batch:
    """A batch may be empty although there are more: what no index tells is looked for a part at a time."""
    match selection:
        case Named(ids=ids):
            at = cursor["at"] if cursor else 0
            after = at + limit
            return Batch(list(ids[at:after]), {"at": after} if after < len(ids) else None)
        case Filtered(query=query):
            found = await find(connection, query, _spot(query, cursor), is_forward=True, limit=limit)
            onward = None if found.resume_at is None else _cursor(found.resume_at)
            return Batch([spot.task_id for spot in found.spots], onward)


def _spot(query: TaskQuery, cursor: Json | None) -> Spot | None:
    return spot_of(Place(tuple(cursor["keys"]), is_forward=True), query.sort) if cursor else None


def _cursor(spot: Spot) -> Json:
    return {"keys": list(place_of(spot, is_forward=True).keys)}
