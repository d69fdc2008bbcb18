"""What it was measured on and with."""

import os
import platform
import re
import tempfile
import time
from importlib.metadata import version
from pathlib import Path
from statistics import median

from benchmarks.proof.ground import Ground, memory_bytes
from benchmarks.proof.pipeline.installing import LOCK
from devstack.postgres import run_psql
from devstack.workspace import ROOT

_PEERS = ("celery", "procrastinate", "taskiq", "taskiq-aio-pika", "taskiq-postgres")
_OURS = ("faststream", "aio-pika", "asyncpg", "uvicorn")
_SYNCS = 50
_PAGE = b"\0" * 8_192


def described(ground: Ground) -> dict[str, str]:
    """Hardware and versions, by name."""
    return {
        "processor": f"{_processor()}, {os.cpu_count()} cores",
        "memory": f"{memory_bytes() / 1e9:.0f} GB",
        "disk": f"{fsync_ms():.1f} ms for 8 kB and fsync",
        "load before": f"{os.getloadavg()[0]:.1f}",
        "system": f"{platform.system()} {platform.release()}",
        "Python": platform.python_version(),
        "Postgres": _said(ground, "show server_version"),
        "RabbitMQ": ground.rabbitmq.management.version(),
        "libraries": ", ".join(f"{name} {version(name)}" for name in _OURS),
        "peers": ", ".join(f"{name} {_pinned(name)}" for name in _PEERS),
    }


def fsync_ms() -> float:
    """The median time it takes until a page is safe on the disk the servers are on."""
    with tempfile.TemporaryFile(dir="/var/tmp") as file:
        return median(_synced(file.fileno()) for _ in range(_SYNCS)) * 1_000


def _synced(descriptor: int) -> float:
    began = time.perf_counter()
    os.pwrite(descriptor, _PAGE, 0)
    os.fsync(descriptor)
    return time.perf_counter() - began


def _processor() -> str:
    found = re.search(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    return found[1] if found else platform.machine()


def _pinned(name: str) -> str:
    found = re.search(rf"^{re.escape(name)}==(\S+)", LOCK.read_text(), re.MULTILINE)
    assert found is not None, f"{name} is not in {LOCK.relative_to(ROOT)}"
    return found[1]


def _said(ground: Ground, statement: str) -> str:
    return run_psql(ground.postgres.url, ["-qAtc", statement], timeout_s=10).stdout.strip()
