"""`up --detach`: the same run, left to itself once it is ready."""

import subprocess
import sys
from collections.abc import Sequence

from rich.console import Console

from devstack.data import DataDirectory
from devstack.errors import StackError
from devstack.waiting import wait_until

_READY_WITHIN_S = 300.0


def run_detached(arguments: Sequence[str], data: DataDirectory, console: Console) -> None:
    """Starts `up` in a session of its own and returns once it is ready. Raises StackError when it is not."""
    log = data.log("up")
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "devstack", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    wait_until(
        lambda: process.poll() is not None or data.stack_file.exists(), timeout_s=_READY_WITHIN_S, every_s=0.2
    )
    console.print(log.read_text(), end="", markup=False, highlight=False)
    if process.poll() is not None:
        raise SystemExit(process.returncode)
    if not data.stack_file.exists():
        process.terminate()
        raise StackError(f"the stack was not ready within {_READY_WITHIN_S:.0f} s and is being stopped.")
