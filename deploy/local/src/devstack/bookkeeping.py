"""Who runs the stack of a data directory and what it started: one at a time, and nothing stays behind."""

import fcntl
import os
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from devstack.data import DataDirectory, read_json, write_json
from devstack.errors import StackError
from devstack.processes import Identity, end_leftovers, from_record, identify, to_record
from devstack.waiting import wait_until

_STOPS_WITHIN_S = 120.0
_SUPERVISOR = "up"


@contextmanager
def only_one(data: DataDirectory) -> Iterator[list[str]]:
    """Holds the data directory for one `up`; yields the names of what a crashed one left and this one ended.

    Raises StackError when another `up` holds it.
    """
    data.root.mkdir(parents=True, exist_ok=True)
    with data.lock_file.open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StackError(f"The stack is already running{_where(data)}; ./dev down stops it.") from None
        left = end_leftovers(_children(data))
        record(data, {})
        try:
            yield left
        finally:
            data.processes_file.unlink(missing_ok=True)


def record(data: DataDirectory, pids: Mapping[str, int]) -> None:
    """Notes what runs now, and that we run it."""
    identities = {name: identify(pid) for name, pid in pids.items()}
    write_json(data.processes_file, to_record(identities | {_SUPERVISOR: identify(os.getpid())}))


def stop_running(data: DataDirectory) -> list[str]:
    """Asks a running `up` to stop and waits for it, then ends what is left. Names what was stopped."""
    known = from_record(read_json(data.processes_file))
    supervisor = known.pop(_SUPERVISOR, None)
    stopped = sorted(name for name, identity in known.items() if identity.is_running())
    if supervisor is not None and supervisor.is_running():
        supervisor.signal(signal.SIGTERM)
        if not wait_until(lambda: not supervisor.is_running(), timeout_s=_STOPS_WITHIN_S):
            supervisor.signal(signal.SIGKILL)
    end_leftovers(known)
    data.stack_file.unlink(missing_ok=True)
    data.processes_file.unlink(missing_ok=True)
    return stopped


def _children(data: DataDirectory) -> dict[str, Identity]:
    known = from_record(read_json(data.processes_file))
    known.pop(_SUPERVISOR, None)
    return known


def _where(data: DataDirectory) -> str:
    address = read_json(data.stack_file).get("query_api_url")
    return f" at {address}" if address else ""
