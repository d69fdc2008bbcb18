"""Who does which kind of fault, and a schedule of them done to a system."""

import asyncio
import time
from collections.abc import Iterable, Mapping

from tests.chaos import doors, messages, outside, processes, servers
from tests.chaos import history as told
from tests.chaos.history import Facts
from tests.chaos.scene import Injection, Scene
from tests.chaos.schedule import Fault, Kind

INJECTIONS: Mapping[Kind, Injection] = {
    Kind.KILL: processes.killed,
    Kind.STOP: processes.stopped,
    Kind.TWIN: processes.doubled,
    Kind.CLOCK: processes.misdated,
    Kind.RESTART: servers.restarted,
    Kind.CRASH: servers.crashed,
    Kind.CUT: servers.cut,
    Kind.STUCK: servers.stuck,
    Kind.DISK_FULL: servers.without_room,
    Kind.SLOW: outside.in_trouble,
    Kind.REFUSING: outside.in_trouble,
    Kind.LYING: outside.in_trouble,
    Kind.POISON: messages.poisoned,
    Kind.HUGE: doors.enlarged,
    Kind.QUEUE_DELETED: messages.deleted,
}


async def inject_all(scene: Scene, faults: Iterable[Fault]) -> None:
    """Each at its time, beside one another; returns when all are over."""
    began = time.monotonic()
    async with asyncio.TaskGroup() as group:
        for fault in faults:
            group.create_task(_at_its_time(scene, fault, began))


async def _at_its_time(scene: Scene, fault: Fault, began: float) -> None:
    await asyncio.sleep(max(0.0, began + fault.at_s - time.monotonic()))
    who: Facts = {"number": fault.number, "kind": fault.kind.value, "target": fault.target}
    facts: Facts = {}
    scene.history.note(told.INJECTED, **who, lasts_s=fault.lasts_s)
    async with INJECTIONS[fault.kind](scene, fault, facts):
        await asyncio.sleep(fault.lasts_s)
    scene.history.note(told.HEALED, **who, **facts)
