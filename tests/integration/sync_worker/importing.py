"""Imports in tests: begun as the API begins them, and walked through task by task."""

import asyncio
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import orjson

from shared.envelope import Payload
from shared.handling import FollowUp
from shared.tasks import CATALOGUE, Group, TaskType
from tests.integration.sync_worker.storefront import Storefront
from tests.integration.sync_worker.world import Done, World

LOOK_INTERVAL_S = 0.05
T = TaskType


@dataclass
class Walk:
    """The tasks of an import in their order, and the tasks it caused for the CRM."""

    done: list[Done] = field(default_factory=list)
    for_crm: list[FollowUp] = field(default_factory=list)

    @property
    def types(self) -> list[TaskType]:
        """Without repetitions: looking and slices come as often as it takes."""
        types = [one.task.type for one in self.done]
        return [kind for place, kind in enumerate(types) if place == 0 or types[place - 1] is not kind]

    @property
    def last(self) -> Done:
        return self.done[-1]


def request(import_id: UUID, *kinds: str) -> Payload:
    asked = {"import_id": str(import_id), "kinds": kinds, "requested_by": "test"}
    return Payload(body=orjson.dumps(asked))


async def begin(world: World, *kinds: str, import_id: UUID | None = None) -> tuple[UUID, Done]:
    import_id = import_id or uuid4()
    asked = request(import_id, *(kinds or ("customers", "orders")))
    done = await world.run(T.HANDLE_BULK_IMPORT_CREATE_REQUEST, asked, source_id=str(import_id))
    return import_id, done


async def step(world: World, cause: Done, follow_up: FollowUp, **task: Any) -> Done:
    facts = {"parent_id": cause.task.id, "root_id": cause.task.root_id or cause.task.id}
    return await world.follow(follow_up, **(facts | task))


async def walk(world: World, begun: Done, *, until: TaskType | None = None) -> Walk:
    """Follows the import to its end, or to the first task of a type, which is not run."""
    way = Walk([begun])
    while True:
        way.for_crm += [one for one in way.last.follow_ups if not _is_import(one)]
        following = [one for one in way.last.follow_ups if _is_import(one)]
        if not following or following[0].type is until:
            return way
        (follow_up,) = following
        if follow_up.type is T.HANDLE_BULK_OPERATION_FINISH:
            await asyncio.sleep(LOOK_INTERVAL_S)
        way.done.append(await step(world, way.last, follow_up))


async def whole_import(world: World, *kinds: str) -> tuple[asyncpg.Record, Walk]:
    import_id, begun = await begin(world, *kinds)
    way = await walk(world, begun)
    return await row(world, import_id), way


async def row(world: World, import_id: UUID) -> asyncpg.Record:
    found = await world.pool.fetchrow("SELECT * FROM store.imports WHERE id = $1", import_id)
    assert found is not None
    return found


async def failures(world: World, import_id: UUID) -> list[asyncpg.Record]:
    query = "SELECT * FROM store.import_failures WHERE import_id = $1 ORDER BY kind, line"
    return await world.pool.fetch(query, import_id)


async def staged_lines(world: World) -> int:
    count: int = await world.pool.fetchval("SELECT count(*) FROM store.import_lines")
    return count


async def stored(world: World) -> tuple[int, int]:
    """How many customers and orders have data."""
    query = (
        "SELECT (SELECT count(*) FROM store.customers WHERE data IS NOT NULL),"
        " (SELECT count(*) FROM store.orders WHERE data IS NOT NULL)"
    )
    found = await world.pool.fetchrow(query)
    assert found is not None
    return found[0], found[1]


async def exported(storefront: Storefront) -> dict[str, Any]:
    """What the shop says of its newest export."""
    operations: list[dict[str, Any]] = (await storefront.say("GET", "bulk-operations"))["operations"]
    return operations[0]


async def no_crm(world: World) -> None:
    await world.set_account(is_active=False)


def _is_import(follow_up: FollowUp) -> bool:
    return CATALOGUE[follow_up.type].group is Group.DATA_IMPORT
