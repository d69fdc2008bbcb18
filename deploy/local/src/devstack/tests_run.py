"""Runs the tests, after making sure there is a browser for those that need one."""

import ctypes.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from devstack.becoming import keeping_bytecode
from devstack.workspace import ROOT

_AT_ONCE = 4  # more than there are cores, as most tests wait for servers; each has servers of its own
_BESIDE_OTHERS = ("-n", str(_AT_ONCE), "--dist", "loadfile", "--no-loadscope-reorder")
_FAILED = 1  # pytest's exit code when all was well but for tests that failed
_WORTH_A_SECOND_LOOK = 3
_BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def run_tests(arguments: Sequence[str], console: Console) -> None:
    """Runs what pytest is asked for, or everything; ends the process when a test failed."""
    lacking = _ensure_browser(console)
    if arguments:
        raise SystemExit(_pytest(arguments))
    code = _run_all(_everything(with_browser=not lacking), console)
    if lacking:
        console.print(f"The browser tests were left out: they need {' and '.join(lacking)}.", style="yellow")
    if code:
        raise SystemExit(code)


def _everything(*, with_browser: bool) -> tuple[str, ...]:
    """All but tests of volume and of images, which are asked for by name: `./dev test -m volume`."""
    left_out = ("volume", "images") if with_browser else ("volume", "images", "browser")
    chosen = " and ".join(f"not {marker}" for marker in left_out)
    return ("-q", "-rs", "--durations", "10", *_BESIDE_OTHERS, "-m", chosen)


def _run_all(asked: Sequence[str], console: Console) -> int:
    """A few tests that failed beside others run once more, alone: what passes then is named as unsteady."""
    with tempfile.TemporaryDirectory(prefix="syncledger-tests-") as cache:
        remembering = ("-o", f"cache_dir={cache}")
        code = _pytest((*asked, *remembering))
        failed = failed_tests(Path(cache)) if code == _FAILED else []
        if not 0 < len(failed) <= _WORTH_A_SECOND_LOOK:
            return code
        console.print(f"Once more, alone: {', '.join(failed)}", style="yellow", soft_wrap=True)
        code = _pytest(("-q", *remembering, *failed))
        if code == 0:
            console.print(
                f"Unsteady, failed only beside others: {', '.join(failed)}", style="yellow", soft_wrap=True
            )
        return code


def failed_tests(cache: Path) -> list[str]:
    """The ids of the tests that failed in the run that left this cache."""
    noted = cache / "v" / "cache" / "lastfailed"
    return sorted(json.loads(noted.read_text())) if noted.exists() else []


def _pytest(arguments: Sequence[str]) -> int:
    command = [sys.executable, "-m", "pytest", *arguments]
    return subprocess.run(command, cwd=ROOT, env=keeping_bytecode(), check=False).returncode


def browser() -> str | None:
    """The Chromium of this machine, if it has one."""
    return next((found for name in _BROWSERS if (found := shutil.which(name))), None)


def _lacking() -> list[str]:
    """Debian's packages that the browser tests need and this machine does not have."""
    lacking = [] if browser() else ["chromium"]
    return lacking if ctypes.util.find_library("atomic") else [*lacking, "libatomic1"]


def _ensure_browser(console: Console) -> list[str]:
    """What the browser tests still lack, after installing it where that is allowed."""
    lacking = _lacking()
    if not lacking:
        return []
    packages = " ".join(lacking)
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        console.print(
            f"The browser tests need {packages} (Debian: apt-get install {packages}).", style="yellow"
        )
        return lacking
    console.print(f"Installing {packages} for the browser tests")
    for arguments in (["update"], ["install", "-y", "--no-install-recommends", *lacking]):
        if (error := _apt_get(arguments)) is not None:
            console.print(f"That failed, so the browser tests cannot run:\n{error}", style="yellow")
            break
    return _lacking()


def _apt_get(arguments: list[str]) -> str | None:
    environment = dict(os.environ) | {"DEBIAN_FRONTEND": "noninteractive"}
    command = ["apt-get", "-qq", *arguments]
    done = subprocess.run(
        command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    return None if done.returncode == 0 else done.stderr[-500:]
