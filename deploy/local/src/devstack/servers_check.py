"""Shows that Postgres and RabbitMQ can be had on this machine, without leaving anything behind."""

import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

from rich.console import Console

from devstack.accounts import remove_tree
from devstack.data import DataDirectory
from devstack.own_servers import choose_servers
from devstack.program import Program


def check_servers(console: Console) -> None:
    """Starts both, kills both, starts them again at the same address and stops them."""
    with tempfile.TemporaryDirectory(prefix="syncledger-check-") as scratch:
        data = DataDirectory(Path(scratch))
        servers = choose_servers(data, console.print)
        programs = [program for program in (servers.postgres, servers.rabbitmq) if program is not None]
        try:
            _start(programs, console)
            for program in programs:
                program.kill()
            _start(programs, console)
        finally:
            for program in programs:
                program.stop()
            remove_tree(data.server_home("postgres"))
    console.print("Both are stopped")


def _start(programs: Iterable[Program], console: Console) -> None:
    for program in programs:
        began = time.monotonic()
        program.start()
        console.print(f"{program.name} answers ({time.monotonic() - began:.1f} s)")
