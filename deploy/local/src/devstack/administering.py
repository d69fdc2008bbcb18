"""Runs `query-api …` as an operator would, without the second its imports take each time.

Every command has a process of its own, forked from one that has imported them all.
"""

import gc
import json
import os
import runpy
import signal
import subprocess
import sys
import tempfile
import threading
import traceback
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import NoReturn

from devstack.workspace import program

_COMMAND = "query-api"
_IMPORTED_BEFORE = "query_api.cli"
_TIMEOUT_S = 120


class Administration:
    """One command at a time, until closed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._forking = subprocess.Popen(
            [sys.executable, "-m", "devstack.administering"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,  # Ctrl-C is for the user of it
        )

    def run(self, environment: Mapping[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
        """What it wrote and how it ended; a command that takes too long ends by a signal."""
        with self._lock, tempfile.TemporaryDirectory(prefix="syncledger-command-") as directory:
            said, complained = Path(directory) / "said", Path(directory) / "complained"
            said.touch()
            complained.touch()
            code = self._fork([dict(environment), [str(said), str(complained)], list(arguments)])
            return subprocess.CompletedProcess(
                [_COMMAND, *arguments], code, said.read_text(), complained.read_text()
            )

    def close(self) -> None:
        """Waits for a command under way."""
        with self._lock, self._forking:
            pass

    def _fork(self, order: list[object]) -> int:
        stdin, stdout = self._forking.stdin, self._forking.stdout
        assert stdin is not None
        assert stdout is not None
        stdin.write(json.dumps(order) + "\n")
        stdin.flush()
        return int(stdout.readline())


def _serve() -> None:
    import_module(_IMPORTED_BEFORE)
    gc.freeze()
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            _become(*json.loads(line))
        print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)  # noqa: T201  this is the answer


def _become(environment: dict[str, str], files: list[str], arguments: list[str]) -> NoReturn:
    for descriptor, file in enumerate(["/dev/null", *files]):
        with Path(file).open("r+b") as opened:
            os.dup2(opened.fileno(), descriptor)
    signal.alarm(_TIMEOUT_S)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = [program(_COMMAND), *arguments]
    os._exit(_ended())


def _ended() -> int:
    """Its exit code. Taking a thousand modules apart afterwards would take longer than most commands."""
    try:
        runpy.run_path(sys.argv[0], run_name="__main__")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except Exception:  # noqa: BLE001 - told as the interpreter would
        traceback.print_exc()
        return 1
    else:
        return 0
    finally:
        sys.stdout.flush()
        sys.stderr.flush()


if __name__ == "__main__":
    _serve()
