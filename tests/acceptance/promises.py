"""What must hold of the log after any story: the promises of the design, checked on the recorded history."""

from tests.acceptance.stack import Reachable
from tests.chaos.gathering import note_log
from tests.chaos.history import History
from tests.chaos.judging import LOG_RULES, broken, judge


async def broken_promises(stack: Reachable) -> dict[str, list[str]]:
    """Empty when all hold; else the offenders by promise."""
    history = History()
    await note_log(history, stack.fetch)
    return broken(judge(history, LOG_RULES))
