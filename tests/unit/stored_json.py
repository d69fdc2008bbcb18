"""What Postgres takes as JSON."""

import re

_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")


def has_nul(data: bytes) -> bool:
    """Whether some text of this JSON has a NUL, which Postgres refuses; six letters that say so are none."""
    return _NUL.search(data) is not None
