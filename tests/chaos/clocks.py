"""libfaketime: the machine's, else Debian's, unpacked into the cache directory."""

from pathlib import Path

from devstack import debian
from devstack.rabbitmq_packages import cache_directory

_LIBRARY = "usr/lib/*/faketime/libfaketime.so.1"


def find_faketime() -> Path | None:
    """None where there is none and none can be fetched."""
    home = cache_directory() / "faketime"
    for place in (Path("/"), home / "root"):
        for found in place.glob(_LIBRARY):
            return found
    if not debian.can_fetch():
        return None
    try:
        root = debian.unpack(home, "libfaketime", with_dependencies=False)
    except debian.NotFetched:
        return None
    return next(root.glob(_LIBRARY), None)
