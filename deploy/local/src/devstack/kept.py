"""Small texts that are made once and kept, readable by their owner only."""

from collections.abc import Callable
from pathlib import Path


def kept_text(path: Path, make: Callable[[], str]) -> str:
    """What `path` holds; on the first call what `make` returns, which is then kept there."""
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(make())
    return path.read_text()
