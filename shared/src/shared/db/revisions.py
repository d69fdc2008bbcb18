"""Which schema this code was written for, told without the tools that migrate."""

from functools import cache
from pathlib import Path

_VERSIONS = Path(__file__).parent / "migrations" / "versions"


@cache
def newest_revision() -> str:
    """The number of the newest migration."""
    return max(path.stem for path in _VERSIONS.glob("[0-9]*.py")).partition("_")[0]
