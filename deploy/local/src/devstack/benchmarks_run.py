"""Runs the benchmarks, which know the local stack and not the other way round."""

import subprocess
import sys
from collections.abc import Sequence

from devstack.workspace import ROOT


def run_benchmarks(arguments: Sequence[str]) -> None:
    """Ends the process when they fail."""
    command = [sys.executable, "-m", "benchmarks.proof", *arguments]
    if code := subprocess.run(command, cwd=ROOT, check=False).returncode:
        raise SystemExit(code)
