"""Keeps programs running: starts them in stages, restarts what dies, stops them in reverse."""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from devstack.errors import StackError
from devstack.program import Program

_POLL_S = 0.1
_FIRST_PAUSE_S = 0.5
_LONGEST_PAUSE_S = 30.0
_HEALTHY_AFTER_S = 60.0
_LONGEST_LAST_WORDS = 200


def pause_before_restart(deaths_in_a_row: int) -> float:
    """Seconds to wait before the next start: 0.5, 1, 2, 4 … 30."""
    return min(_FIRST_PAUSE_S * 2.0 ** (deaths_in_a_row - 1), _LONGEST_PAUSE_S)


def ending(exit_code: int) -> str:
    """How a program ended, in words."""
    return f"was ended by signal {-exit_code}" if exit_code < 0 else f"ended with exit code {exit_code}"


@dataclass
class Supervisor:
    """`say` gets a line for people, `changed` is called whenever a process id is a new one."""

    say: Callable[[str], None]
    changed: Callable[[], None]
    programs: list[Program] = field(default_factory=list)
    _stages: list[Sequence[Program]] = field(default_factory=list)
    _watches: list[asyncio.Task[None]] = field(default_factory=list)

    async def start(self, stage: Sequence[Program]) -> None:
        """Starts programs side by side; returns once all answer. Raises StackError when one does not."""
        self._stages.append(stage)
        for program in stage:
            self.programs.append(program)
            program.spawn()
        self.changed()
        self._watches += [asyncio.create_task(self._watch(program)) for program in stage]
        await asyncio.gather(*(self._ready(program) for program in stage))

    async def stop(self) -> None:
        """Stops everything, the last stage first."""
        for watch in self._watches:
            watch.cancel()
        await asyncio.gather(*self._watches, return_exceptions=True)
        while self._stages:
            stage = self._stages.pop()
            for program in stage:
                program.ask_to_stop()
            await asyncio.gather(*(asyncio.to_thread(program.stop) for program in stage))
            self.programs = [program for program in self.programs if program not in stage]
            self.changed()

    async def _ready(self, program: Program) -> None:
        began = time.monotonic()
        while not await asyncio.to_thread(program.answers):
            if time.monotonic() - began > program.start_timeout_s:
                raise StackError(f"{program.name} did not become ready.\n{program.log_tail()}")
            await asyncio.sleep(_POLL_S)
        self.say(f"{program.name} is ready ({time.monotonic() - began:.1f} s)")

    async def _watch(self, program: Program) -> None:
        deaths, since = 0, time.monotonic()
        while True:
            await asyncio.sleep(_POLL_S)
            if (code := program.exit_code) is None:
                continue
            deaths = 1 if time.monotonic() - since > _HEALTHY_AFTER_S else deaths + 1
            pause = pause_before_restart(deaths)
            self.say(f"{program.name} {ending(code)}{_last_words(program)}; starting it again in {pause:g} s")
            await asyncio.sleep(pause)
            program.spawn()
            self.changed()
            since = time.monotonic()


def _last_words(program: Program) -> str:
    """The last line of its log, in brackets, where it may say why."""
    lines = program.log_tail().splitlines()
    return f" ({lines[-1].strip()[:_LONGEST_LAST_WORDS]})" if lines else ""
