"""Shows that Postgres and RabbitMQ can be had on this machine, without leaving anything behind."""

import tempfile
import time
from pathlib import Path

from rich.console import Console

from devstack.accounts import remove_tree
from devstack.data import DataDirectory
from devstack.own_servers import StackServers, choose_servers


def check_servers(console: Console) -> None:
    """Starts both, kills both, starts them again at the same address and stops them."""
    with tempfile.TemporaryDirectory(prefix="syncledger-check-") as scratch:
        data = DataDirectory(Path(scratch))
        try:
            _stop_and_start(choose_servers(data, console.print), console)
        finally:
            remove_tree(data.server_home("postgres"))
    console.print("Both are stopped")


def _stop_and_start(servers: StackServers, console: Console) -> None:
    ours = [server for server in (servers.postgres, servers.rabbitmq) if server is not None]
    try:
        for _ in range(2):
            for server in ours:
                began = time.monotonic()
                server.start()
                console.print(f"{server.name} answers ({time.monotonic() - began:.1f} s)")
            for server in ours:
                server.kill()
    finally:
        for server in ours:
            server.kill()
            server.discard()
