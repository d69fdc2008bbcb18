"""The supervisor on real processes."""

import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from devstack.child import Launch
from devstack.errors import StackError
from devstack.ports import free_port
from devstack.processes import identify
from devstack.program import ProcessProgram
from devstack.services import is_ready
from devstack.supervisor import Supervisor, ending, pause_before_restart
from devstack.waiting import wait_until
from tests.waiting import eventually

_ANSWERING = """
import http.server, signal, sys
signal.signal(signal.SIGTERM, lambda *_: (print(sys.argv[2], flush=True), sys.exit(0)))
class Ready(http.server.BaseHTTPRequestHandler):
    def do_GET(self): self.send_response(200); self.end_headers()
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Ready).serve_forever()
"""


class Answering(ProcessProgram):
    """Answers /readyz, and writes `goodbye` to its log when asked to stop."""

    start_timeout_s = 10.0
    stop_grace_s = 5.0

    def __init__(self, name: str, log: Path, *, goodbye: str = "goodbye", code: str = _ANSWERING) -> None:
        super().__init__(name, log)
        self.port = free_port()
        self._arguments = (sys.executable, "-c", code, str(self.port), goodbye)

    def launch(self) -> Launch:
        return Launch(self.name, self._arguments, self.log)

    def answers(self) -> bool:
        return is_ready(f"http://127.0.0.1:{self.port}")


@asynccontextmanager
async def supervising(
    said: list[str], changed: Callable[[], None] = lambda: None
) -> AsyncIterator[Supervisor]:
    supervisor = Supervisor(say=said.append, changed=changed)
    try:
        yield supervisor
    finally:
        await supervisor.stop()


def test_the_pause_before_a_restart_grows_to_half_a_minute() -> None:
    assert [pause_before_restart(deaths) for deaths in range(1, 9)] == [0.5, 1, 2, 4, 8, 16, 30, 30]


def test_an_ending_is_told_in_words() -> None:
    assert ending(3) == "ended with exit code 3"
    assert ending(-9) == "was ended by signal 9"


async def test_a_program_that_dies_is_named_and_started_again(tmp_path: Path) -> None:
    said: list[str] = []
    pids: list[int | None] = []
    program = Answering("shop", tmp_path / "shop.log")
    async with supervising(said, lambda: pids.append(program.pid)) as supervisor:
        await supervisor.start([program])
        first = program.pid
        assert first is not None
        os.kill(first, signal.SIGKILL)
        await eventually(lambda: program.pid not in {None, first} and program.answers())
        assert any("shop was ended by signal 9" in line and "again in 0.5 s" in line for line in said)
        assert pids[-1] == program.pid
    assert program.pid is None


async def test_stages_are_stopped_in_reverse_and_asked_politely(tmp_path: Path) -> None:
    log = tmp_path / "all.log"
    async with supervising([]) as supervisor:
        await supervisor.start([Answering("first", log, goodbye="first")])
        await supervisor.start([Answering("second", log, goodbye="second")])
    assert [line for line in log.read_text().splitlines() if line in {"first", "second"}] == [
        "second",
        "first",
    ]


async def test_a_program_that_ignores_the_request_to_stop_is_killed(tmp_path: Path) -> None:
    stubborn = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    deaf = Answering("deaf", tmp_path / "deaf.log", code=stubborn + _ANSWERING.replace("SIGTERM", "SIGUSR1"))
    deaf.stop_grace_s = 0.5
    async with supervising([]) as supervisor:
        await supervisor.start([deaf])
        identity = identify(deaf.pid or 0)
    assert not identity.is_running()


async def test_a_program_that_never_answers_is_an_error_with_the_end_of_its_log(tmp_path: Path) -> None:
    silent = Answering("silent", tmp_path / "silent.log", code="print('no address', flush=True); input()")
    silent.start_timeout_s = 1
    async with supervising([]) as supervisor:
        with pytest.raises(StackError, match=r"silent did not become ready[\s\S]*no address"):
            await supervisor.start([silent])


def test_children_end_with_a_supervisor_that_is_killed(tmp_path: Path) -> None:
    parent = textwrap.dedent(f"""
        import os, signal
        from pathlib import Path
        from devstack.child import Child, Launch
        log = Path({str(tmp_path / "log")!r})
        child = Child(Launch("sleeper", ("sleep", "600"), log, env=dict(os.environ)))
        print(child.pid, flush=True)
        signal.pause()
    """)
    with subprocess.Popen([sys.executable, "-c", parent], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        child = identify(int(process.stdout.readline()))
        assert child.is_running()
        process.kill()
    assert wait_until(lambda: not child.is_running(), timeout_s=10)
