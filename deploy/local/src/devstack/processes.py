"""Which processes are ours: known by pid and start time, as the number alone may be used again by another."""

import contextlib
import os
import signal
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from devstack.waiting import wait_until

_STAT_STATE = 0
_STAT_START_TIME = 19
_GRACE_S = 15.0


@dataclass(frozen=True)
class Identity:
    pid: int
    started: str | None

    def is_running(self) -> bool:
        """True while this very process runs."""
        return self.started is not None and _start_time(self.pid) == self.started

    def signal(self, signal_: signal.Signals) -> None:
        if self.is_running():
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal_)


def identify(pid: int) -> Identity:
    return Identity(pid, _start_time(pid))


def to_record(identities: Mapping[str, Identity]) -> dict[str, list[int | str | None]]:
    return {name: [identity.pid, identity.started] for name, identity in identities.items()}


def from_record(record: Mapping[str, Any]) -> dict[str, Identity]:
    return {name: Identity(pid, started) for name, (pid, started) in record.items()}


def end_leftovers(identities: Mapping[str, Identity]) -> list[str]:
    """Ends those still running, politely first; says which they were."""
    left = {name: identity for name, identity in identities.items() if identity.is_running()}
    for identity in left.values():
        identity.signal(signal.SIGTERM)
    wait_until(lambda: not any(identity.is_running() for identity in left.values()), timeout_s=_GRACE_S)
    for identity in left.values():
        identity.signal(signal.SIGKILL)
    return sorted(left)


def _start_time(pid: int) -> str | None:
    """In clock ticks since boot (proc(5), stat field 22); None when it is gone, or a zombie."""
    try:
        after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if after_name[_STAT_STATE] == "Z" else after_name[_STAT_START_TIME]
