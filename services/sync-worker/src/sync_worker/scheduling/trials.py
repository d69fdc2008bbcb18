"""Which trials of accounts the clock starts: only of those parts of a system that nobody called lately."""

from collections.abc import Mapping, Sequence
from typing import Any

from shared.connections.parts import lane_of_trials, parts_of
from shared.envelope import Payload
from shared.starting import Start
from shared.tasks import Api, TaskType
from shared.trials import wish
from sync_worker.scheduling import schedules
from sync_worker.scheduling.schedules import Lively, Tick

ACTOR = "clock"
# Of the time between two trials; more would let one follow too late on a call made right before it.
LATELY = 0.8


async def starts_of(connection: Any, ticks: Sequence[Tick]) -> dict[int, Start]:
    """What each tick starts, by schedule; nothing where there is nothing to try."""
    within_s = {
        tick.account_id: LATELY * tick.interval_s
        for tick in ticks
        if tick.type is TaskType.CHECK_ACCOUNT and tick.account_id is not None
    }
    accounts = await schedules.lively(connection, within_s) if within_s else {}
    starts = {tick.schedule_id: _start(tick, accounts) for tick in ticks}
    return {schedule_id: start for schedule_id, start in starts.items() if start is not None}


def quiet_parts(account: Lively) -> list[Api]:
    """What the account is asked for, but was not of late."""
    return [part for part in parts_of(account.kind, account.settings) if part not in account.parts]


def _start(tick: Tick, accounts: Mapping[int, Lively]) -> Start | None:
    if tick.type is not TaskType.CHECK_ACCOUNT or tick.account_id is None:
        return Start(tick.type, tick.shop_id, ACTOR, Payload(body=b""), tick.account_id)
    account = accounts.get(tick.account_id)
    quiet = quiet_parts(account) if account is not None else []
    if account is None or not quiet:
        return None
    payload = Payload(body=wish(quiet))
    return Start(tick.type, tick.shop_id, ACTOR, payload, tick.account_id, lane=lane_of_trials(account.kind))
