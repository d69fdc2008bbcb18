"""How an operation keeps to its rate. Pure."""

from math import ceil

LARGEST_BATCH = 200


def batch_size(per_second: float) -> int:
    """About a second's work, so that pausing takes effect at once."""
    return min(max(1, int(per_second)), LARGEST_BATCH)


def rest_s(tasks: int, per_second: float, took_s: float) -> float:
    """How long to wait after a batch that took so long."""
    return max(0.0, tasks / per_second - took_s)


def seconds_for(tasks: int, per_second: float) -> int:
    return ceil(tasks / per_second)
