"""Free TCP ports on 127.0.0.1."""

import fcntl
import os
import random
import socket
import tempfile
from pathlib import Path

_EPHEMERAL_RANGE = Path("/proc/sys/net/ipv4/ip_local_port_range")
_LOWEST = 15_000
_reservations: dict[int, int] = {}


def is_free(port: int) -> bool:
    """True when a server could listen on `port` of 127.0.0.1 now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_port(*, preferred: int | None = None) -> int:
    """`preferred` when it is free, else a free port that outgoing connections never take.

    A server that is down must find its port again. Below the range of outgoing connections, a client that
    keeps reconnecting is never given the very port it calls, and so never ends up connected to itself.
    """
    if preferred is not None and is_free(preferred) and (preferred in _reservations or _reserve(preferred)):
        return preferred
    highest = _first_ephemeral() - 1
    while not (is_free(port := random.randint(_LOWEST, highest)) and _reserve(port)):
        pass
    return port


def _reserve(port: int) -> bool:
    """Keeps other stacks that start at this moment from choosing the port too; ends with this process."""
    directory = Path(tempfile.gettempdir()) / f"syncledger-ports-{os.geteuid()}"
    directory.mkdir(exist_ok=True)
    descriptor = os.open(directory / str(port), os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return False
    _reservations[port] = descriptor
    return True


def _first_ephemeral() -> int:
    try:
        first = int(_EPHEMERAL_RANGE.read_text().split()[0])
    except OSError:
        return 32_768
    return first if first > _LOWEST + 1_000 else 32_768
