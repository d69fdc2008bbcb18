"""How many attempts of each lane run in this process right now, for work that makes way for others."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from shared.tasks import Lane

_running: Counter[Lane] = Counter()


@contextmanager
def running_on(lane: Lane) -> Iterator[None]:
    """Counts an attempt for as long as it runs."""
    _running[lane] += 1
    try:
        yield
    finally:
        _running[lane] -= 1


def running(lane: Lane) -> int:
    return _running[lane]
