"""Debian's packages, unpacked into a directory of ours.

Unpacking needs no root and installs nothing: apt works on its own lists there and dpkg only extracts.
"""

import getpass
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path


class NotFetched(Exception):
    """The last that apt or dpkg said."""


def can_fetch() -> bool:
    return bool(shutil.which("apt-get") and shutil.which("dpkg"))


def unpack(home: Path, package: str, *, with_dependencies: bool) -> Path:
    """Fetches and extracts into `home/root` anew, and returns it. Raises NotFetched."""
    packages, root = home / "packages", home / "root"
    for leftover in (packages, root):
        shutil.rmtree(leftover, ignore_errors=True)
        leftover.mkdir(parents=True)
    apt = _apt(home)
    _run([*apt, "-q", "update"], packages)
    _run(
        [*apt, "-q", "download", *(_planned(apt, package, packages) if with_dependencies else [package])],
        packages,
    )
    for fetched in sorted(packages.glob("*.deb")):
        _run(["dpkg", "-x", str(fetched), str(root)], packages)
    shutil.rmtree(packages)
    return root


def _planned(apt: Sequence[str], package: str, cwd: Path) -> list[str]:
    """What installing it would install; what the machine has is left out."""
    plan = _run([*apt, "-s", "install", "--no-install-recommends", package], cwd)
    return re.findall(r"^Inst (\S+)", plan, re.MULTILINE)


def _apt(home: Path) -> list[str]:
    for directory in ("lists/partial", "archives/partial"):
        (home / directory).mkdir(parents=True, exist_ok=True)
    options = {
        "Dir::State::Lists": home / "lists",
        "Dir::Cache": home / "archives",
        "APT::Sandbox::User": getpass.getuser(),
        "Debug::NoLocking": "1",
    }
    return ["apt-get", *(part for key, value in options.items() for part in ("-o", f"{key}={value}"))]


def _run(command: Sequence[str], cwd: Path) -> str:
    done = subprocess.run(
        command, cwd=cwd, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
    )
    if done.returncode != 0:
        raise NotFetched(" ".join((done.stderr.strip() or done.stdout.strip()).splitlines()[-3:]))
    return done.stdout
