"""Runs the tests, after making sure there is a browser for those that need one."""

import ctypes.util
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from devstack.becoming import keeping_bytecode
from devstack.workspace import ROOT

_ALWAYS = ("-q", "-rs", "--dist", "loadfile", "--no-loadscope-reorder", "--durations", "10")
_PLACES_OF_STORIES = ("tests/acceptance", "tests/browser", "tests/dev")
_FAILED = 1  # pytest's exit code when all was well but for tests that failed
_WORTH_A_SECOND_LOOK = 3
_BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def run_tests(arguments: Sequence[str], console: Console) -> None:
    """Runs what pytest is asked for, or everything in two parts; ends the process when a test failed."""
    lacking = _ensure_browser(console)
    if arguments:
        raise SystemExit(_pytest(arguments))
    failures = [code for part in _parts(with_browser=not lacking) if (code := _run_part(part, console)) != 0]
    if lacking:
        console.print(f"The browser tests were left out: they need {' and '.join(lacking)}.", style="yellow")
    if failures:
        raise SystemExit(failures[0])


def _parts(*, with_browser: bool) -> tuple[tuple[str, ...], ...]:
    """Most tests wait for servers, so more run at once than there are cores; stories run whole stacks, and
    go to whoever is free one by one, but for those that share what takes long to make.

    Tests of volume and of images are asked for by name: `./dev test -m volume`.
    """
    stories = "(acceptance or browser)" if with_browser else "acceptance"
    stories = f"{stories} and not volume and not images"
    return (
        ("-m", "not acceptance and not browser", "-n", "4"),
        ("-m", stories, "-n", "4", "--dist", "loadgroup", *_PLACES_OF_STORIES),
    )


def _run_part(part: Sequence[str], console: Console) -> int:
    """A few tests that failed beside others run once more, alone: what passes then is named as unsteady."""
    with tempfile.TemporaryDirectory(prefix="syncledger-tests-") as cache:
        remembering = ("-o", f"cache_dir={cache}")
        code = _pytest((*_ALWAYS, *part, *remembering))
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
    """The ids of the tests that failed in the run that left this cache. A group is named behind an id."""
    noted = cache / "v" / "cache" / "lastfailed"
    ids = json.loads(noted.read_text()) if noted.exists() else []
    return sorted(re.sub(r"@[\w-]+$", "", one) for one in ids if "::" in one)


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
