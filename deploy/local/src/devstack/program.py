"""A program of the local stack: spawned, probed, stopped, killed, started again, always at one address."""

import abc
import time
from pathlib import Path

from devstack.child import Child, Launch
from devstack.errors import StackError

_LOG_TAIL_LINES = 15
_SPAWNS = 5


class Program(abc.ABC):
    """A subclass says how it is spawned, stopped and probed; this is the waiting around that."""

    start_timeout_s = 60.0
    stop_grace_s = 20.0

    def __init__(self, name: str) -> None:
        self.name = name

    @property
    @abc.abstractmethod
    def pid(self) -> int | None:
        """None while it does not run."""

    @property
    def pids(self) -> dict[str, int]:
        """Every process of it that runs, by name."""
        return {} if self.pid is None else {self.name: self.pid}

    @property
    @abc.abstractmethod
    def exit_code(self) -> int | None:
        """None while it runs; negative when a signal ended it."""

    @abc.abstractmethod
    def spawn(self) -> None:
        """Starts it and returns at once; to be called from the main thread."""

    @abc.abstractmethod
    def answers(self) -> bool:
        """One cheap, bounded probe; may be called from any thread."""

    @abc.abstractmethod
    def ask_to_stop(self) -> None:
        """Signals it to shut down cleanly and returns at once."""

    @abc.abstractmethod
    def stop(self) -> None:
        """Clean shutdown; insists after `stop_grace_s`."""

    @abc.abstractmethod
    def kill(self) -> None:
        """As a crash would end it."""

    @abc.abstractmethod
    def log_tail(self) -> str:
        """The last lines it wrote, for an error message."""

    def start(self) -> None:
        """Returns once it answers. Raises StackError with the end of its log when it does not."""
        for _ in range(_SPAWNS):
            self.spawn()
            if self._comes_up():
                return
            time.sleep(0.5)  # what a kill left behind may need a moment to let go
        raise StackError(f"{self.name} does not start.\n{self.log_tail()}")

    def _comes_up(self) -> bool:
        deadline = time.monotonic() + self.start_timeout_s
        while self.exit_code is None:
            if self.answers():
                return True
            if time.monotonic() >= deadline:
                self.kill()
                waited = f"within {self.start_timeout_s:.0f} s"
                raise StackError(f"{self.name} did not answer {waited}.\n{self.log_tail()}")
            time.sleep(0.05)
        return False


class ProcessProgram(Program):
    """A program that is one child process writing to one log file."""

    def __init__(self, name: str, log: Path) -> None:
        super().__init__(name)
        self.log = log
        self._child: Child | None = None

    @abc.abstractmethod
    def launch(self) -> Launch:
        """What to run."""

    @property
    def pid(self) -> int | None:
        return self._child.pid if self._child and self._child.exit_code is None else None

    @property
    def exit_code(self) -> int | None:
        return self._child.exit_code if self._child else None

    def spawn(self) -> None:
        self._child = Child(self.launch())

    def ask_to_stop(self) -> None:
        if self._child is not None:
            self._child.terminate()

    def stop(self) -> None:
        if self._child is not None:
            self._child.stop(self.stop_grace_s)

    def kill(self) -> None:
        if self._child is not None:
            self._child.kill()

    def log_tail(self) -> str:
        if not self.log.exists():
            return ""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-_LOG_TAIL_LINES:])
