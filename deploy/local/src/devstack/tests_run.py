"""Runs the tests, after making sure there is a browser for those that need one."""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence

from rich.console import Console

from devstack.workspace import ROOT

# Most tests wait for servers, so a few more run at once than there are cores. Stories run whole stacks.
_STORIES = "acceptance or browser"
_PARTS = (
    ("-m", f"not ({_STORIES})", "-n", "4"),
    ("-m", _STORIES, "-n", "2"),
)
_ALWAYS = ("-q", "--dist", "loadfile", "--durations", "10")
_BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def run_tests(arguments: Sequence[str], console: Console) -> None:
    """Runs what pytest is asked for, or everything in two parts; ends the process when a test failed."""
    _ensure_browser(console)
    parts = [tuple(arguments)] if arguments else [(*_ALWAYS, *part) for part in _PARTS]
    failures = [code for part in parts if (code := _pytest(part)) != 0]
    if failures:
        raise SystemExit(failures[0])


def _pytest(arguments: Sequence[str]) -> int:
    command = [sys.executable, "-m", "pytest", *arguments]
    return subprocess.run(command, cwd=ROOT, check=False).returncode


def browser() -> str | None:
    """The Chromium of this machine, if it has one."""
    return next((found for name in _BROWSERS if (found := shutil.which(name))), None)


def _ensure_browser(console: Console) -> None:
    if browser() is not None:
        return
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        console.print("The browser tests need Chromium (Debian: apt-get install chromium).", style="yellow")
        return
    console.print("Installing Chromium for the browser tests (apt-get install chromium)")
    for arguments in (["update"], ["install", "-y", "--no-install-recommends", "chromium"]):
        if (error := _apt_get(arguments)) is not None:
            console.print(f"That failed, so the browser tests cannot run:\n{error}", style="yellow")
            return


def _apt_get(arguments: list[str]) -> str | None:
    environment = dict(os.environ) | {"DEBIAN_FRONTEND": "noninteractive"}
    command = ["apt-get", "-qq", *arguments]
    done = subprocess.run(
        command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    return None if done.returncode == 0 else done.stderr[-500:]
