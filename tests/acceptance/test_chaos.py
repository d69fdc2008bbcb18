"""A short run of ./dev chaos: faults of many kinds at once, and every promise holds."""

from pathlib import Path

import pytest

from devstack.servers import OwnPostgres, OwnRabbit
from tests.chaos.history import History
from tests.chaos.judging import broken, judge
from tests.chaos.running import Plan, carry_out, scene_in
from tests.chaos.schedule import Kind, schedule_of

pytestmark = [pytest.mark.acceptance, pytest.mark.long]

SEED = "11"
LENGTH_S = 20.0
RATE = 20.0
# A clock needs a package that may have to be fetched first.
KINDS = [kind for kind in Kind if kind is not Kind.CLOCK]


async def test_nothing_is_lost_or_doubled_while_everything_fails(
    tmp_path: Path, own_postgres: OwnPostgres, own_rabbitmq: OwnRabbit
) -> None:
    plan = Plan(SEED, LENGTH_S, RATE, schedule_of(SEED, LENGTH_S, KINDS, every_s=1.5), longest_wait_ms=4_500)
    history = History()
    with scene_in(tmp_path / "data", (own_postgres, own_rabbitmq), history, plan) as scene:
        await carry_out(scene, plan)
        assert broken(judge(history)) == {}
