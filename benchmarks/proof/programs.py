"""Processes that are measured, or that measure, beside the services of the product."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from benchmarks.proof.ground import Plot
from devstack.child import Launch
from devstack.ports import is_free
from devstack.program import ProcessProgram, Program


class Measured(ProcessProgram):
    """A command in a plot. It counts as ready once it runs: whoever needs more gives it work and waits.

    It is stopped when everything has been measured and its plot goes too: what takes long to end is killed.
    """

    stop_grace_s = 1.0

    def __init__(self, plot: Plot, name: str, command: tuple[str, ...], **settings: str) -> None:
        super().__init__(name, plot.logs / f"{name}.log")
        self.environment = plot.environment(**settings)
        self._command = command

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.environment['PORT']}"

    def launch(self) -> Launch:
        return Launch(self.name, self._command, self.log, env=self.environment)

    def answers(self) -> bool:
        return self.exit_code is None


class Listening(Measured):
    """Ready when something listens on its port."""

    def answers(self) -> bool:
        return not is_free(int(self.environment["PORT"]))


def module(name: str, *arguments: str, python: Path | None = None) -> tuple[str, ...]:
    """The command that runs a module."""
    return (str(python or sys.executable), "-m", name, *arguments)


@contextmanager
def running(programs: Sequence[Program]) -> Iterator[None]:
    """All of them, one after the other; the last is stopped first."""
    with ExitStack() as stack:
        for program in programs:
            stack.callback(program.stop)
            program.start()
        yield
