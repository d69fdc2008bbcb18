"""Becomes the benchmarks, which know the local stack and not the other way round."""

import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from devstack.workspace import ROOT


def run_benchmarks(arguments: Sequence[str]) -> NoReturn:
    """What ends this process ends them."""
    os.chdir(ROOT)
    os.execv(sys.executable, [sys.executable, "-m", "benchmarks.proof", *arguments])
