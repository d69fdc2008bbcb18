"""What processes have used so far, from /proc: a process with all it started, even what has ended since."""

import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

_TICKS_PER_S = os.sysconf("SC_CLK_TCK")
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
_PARENT = 1
_USED = slice(11, 15)  # utime, stime and the same of children waited for (proc(5), counted after the name)
_RESIDENT = 21


def cpu_s(pids: Iterable[int]) -> float:
    """Seconds of CPU used by processes and their descendants, since they were started."""
    stats = _stats()
    ticks = sum(sum(map(int, stats[pid][_USED])) for pid in _family(pids, stats))
    return ticks / _TICKS_PER_S


def memory_mb(pids: Iterable[int]) -> float:
    """Resident memory of processes and their descendants, 10⁶ bytes; what they share counts for each."""
    stats = _stats()
    return sum(int(stats[pid][_RESIDENT]) for pid in _family(pids, stats)) * _PAGE_BYTES / 1e6


def _family(pids: Iterable[int], stats: Mapping[int, list[str]]) -> Iterator[int]:
    children = defaultdict(list)
    for pid, fields in stats.items():
        children[int(fields[_PARENT])].append(pid)
    waiting = [pid for pid in pids if pid in stats]
    while waiting:
        pid = waiting.pop()
        yield pid
        waiting += children[pid]


def _stats() -> dict[int, list[str]]:
    """The fields after the name of every process that still runs."""
    found = {}
    for directory in Path("/proc").iterdir():
        if directory.name.isdecimal():
            try:
                text = (directory / "stat").read_text()
            except OSError:
                continue
            found[int(directory.name)] = text.rpartition(")")[2].split()
    return found
