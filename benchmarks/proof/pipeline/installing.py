"""The peers' own environment, from their own lock: nothing of it is ever in the product's."""

import subprocess
import sys
from hashlib import sha256
from pathlib import Path

from devstack.errors import StackError
from devstack.workspace import ROOT

LOCK = ROOT / "benchmarks" / "requirements.lock"
_HOME = ROOT / ".data" / "peers"
_STAMP = _HOME / "lock.sha256"
PEERS_PYTHON = _HOME / "bin" / "python"


def install_peers() -> None:
    """Makes the environment, or makes it anew after the lock has changed. Raises StackError."""
    wanted = sha256(LOCK.read_bytes()).hexdigest()
    if _STAMP.exists() and _STAMP.read_text() == wanted:
        return
    pip = (str(PEERS_PYTHON), "-m", "pip", "--disable-pip-version-check", "--no-input", "--quiet")
    _run(sys.executable, "-m", "venv", "--clear", str(_HOME))
    _run(*pip, "install", "--require-hashes", "--no-deps", "-r", str(LOCK))
    _STAMP.write_text(wanted)


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise StackError(f"The peers could not be installed from {_relative(LOCK)}:\n{done.stderr[-2000:]}")


def _relative(path: Path) -> Path:
    return path.relative_to(ROOT)
