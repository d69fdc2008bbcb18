"""What is done to CRM and shop: each is slow, refuses, or does not say what it did."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

import httpx

from tests.chaos.history import Facts
from tests.chaos.scene import Scene, insistently
from tests.chaos.schedule import Fault, Kind

RULES: Mapping[Kind, Sequence[Facts]] = {
    Kind.SLOW: ({"fault": "slow", "probability": 0.5, "delay_ms": 3_000},),
    Kind.REFUSING: (
        {"fault": "unavailable", "probability": 0.3},
        {"fault": "rate_limited", "probability": 0.1, "retry_after": "2"},
        {"fault": "server_error", "probability": 0.1},
    ),
    Kind.LYING: (
        {"fault": "reset_after_effect", "probability": 0.15},
        {"fault": "malformed", "probability": 0.1},
        {"fault": "reset_before", "probability": 0.1},
    ),
}


@asynccontextmanager
async def in_trouble(scene: Scene, fault: Fault, facts: Facts) -> AsyncIterator[None]:
    """Requests meet what the sandbox was told to do to them."""
    scene.in_force[fault.number] = [{"system": fault.target, **rule} for rule in RULES[fault.kind]]
    await insistently(lambda: _tell(scene), httpx.HTTPError)
    try:
        yield
    finally:
        del scene.in_force[fault.number]
        await insistently(lambda: _tell(scene), httpx.HTTPError)


async def _tell(scene: Scene) -> None:
    """All rules in force: others stand for as long as they were meant to."""
    rules = [rule for some in scene.in_force.values() for rule in some]
    async with scene.stack.sandbox() as sandbox:
        (await sandbox.put("/control/faults", json=rules)).raise_for_status()
