"""Becomes a program of the project that knows the local stack, and not the other way round."""

import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from devstack.workspace import ROOT


def become(module: str, arguments: Sequence[str]) -> NoReturn:
    """What ends this process ends it."""
    os.chdir(ROOT)
    os.execve(sys.executable, [sys.executable, "-m", module, *arguments], keeping_bytecode())


def keeping_bytecode() -> dict[str, str]:
    """A hundred processes import the same modules: each is compiled once, whatever is usual here."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
