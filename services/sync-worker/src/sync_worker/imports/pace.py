"""When to look again, and how much to hand over at once. Pure."""

from datetime import timedelta

FIRST_LOOK = timedelta(seconds=15)
LONGEST_LOOK = timedelta(hours=1)
BATCH = 100
FULL_WAIT = timedelta(seconds=15)
PROBLEM_WAIT = timedelta(minutes=5)


def next_look(elapsed: timedelta) -> timedelta:
    """When to look whether an export is done that has been written for so long: its webhook may be lost."""
    return min(max(FIRST_LOOK, elapsed / 2), LONGEST_LOOK)


def room(unfinished: int) -> int:
    """How many changes may be handed over while so many are on their way to the CRM."""
    return max(0, BATCH - unfinished)
