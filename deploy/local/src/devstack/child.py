"""One process of ours: started, watched, stopped; never outlives us and never anybody else's."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from devstack.accounts import Account

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


@dataclass(frozen=True)
class Launch:
    """What to start: its output is appended to `log`, `stop_signal` asks it to end cleanly."""

    name: str
    command: tuple[str, ...]
    log: Path
    env: Mapping[str, str] = field(default_factory=dict)
    account: Account | None = None
    stop_signal: signal.Signals = signal.SIGTERM


class Child:
    """A running `Launch`.

    Start it from the main thread: the kernel ends it when the *thread* that started it is gone.
    """

    def __init__(self, launch: Launch) -> None:
        self.launch = launch
        self._process = _spawn(launch)
        self._asked = False

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """None while it runs; negative when a signal ended it."""
        return self._process.poll()

    def terminate(self) -> None:
        """Asks it to end, once: many programs take a second request as leave to drop what they do."""
        if self.exit_code is None and not self._asked:
            self._asked = True
            self._process.send_signal(self.launch.stop_signal)

    def kill(self) -> None:
        """SIGKILL to the process and to what it started in its own group."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self._process.wait()

    def wait(self, timeout_s: float) -> bool:
        """True when it has ended within `timeout_s`."""
        try:
            self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            return False
        return True

    def stop(self, grace_s: float) -> None:
        """Asks it to end, and insists after `grace_s`."""
        self.terminate()
        self.wait(grace_s)
        self.kill()


def _spawn(launch: Launch) -> subprocess.Popen[bytes]:
    launch.log.parent.mkdir(parents=True, exist_ok=True)
    account = launch.account
    with launch.log.open("ab") as log:
        return subprocess.Popen(
            launch.command,
            env=dict(launch.env),
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
            preexec_fn=_die_with_parent(launch.stop_signal),  # noqa: PLW1509  it makes two system calls
        )


def _die_with_parent(stop_signal: signal.Signals) -> Callable[[], None] | None:
    if _LIBC is None:
        return None
    prctl, parent = _LIBC.prctl, os.getpid()

    def ask_kernel() -> None:
        prctl(_PR_SET_PDEATHSIG, int(stop_signal))
        if os.getppid() != parent:
            os._exit(1)

    return ask_kernel
