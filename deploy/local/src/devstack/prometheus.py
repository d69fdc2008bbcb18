"""The tests' Prometheus: the machine's own, else Debian's, unpacked into the cache directory."""

import fcntl
import shutil
from pathlib import Path

from devstack import debian
from devstack.rabbitmq_packages import Say, cache_directory

_PROGRAMS = ("prometheus", "promtool")


def find_prometheus(say: Say) -> Path | None:
    """The directory of prometheus and promtool; None, and says why, where none can be had."""
    found = shutil.which("promtool")
    if found and shutil.which("prometheus"):
        return Path(found).parent
    home = cache_directory() / "prometheus"
    home.mkdir(parents=True, exist_ok=True)
    with (home / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return _kept(home) or _fetched(home, say)


def _kept(home: Path) -> Path | None:
    directory = home / "root" / "usr" / "bin"
    return directory if all((directory / name).exists() for name in _PROGRAMS) else None


def _fetched(home: Path, say: Say) -> Path | None:
    if not debian.can_fetch():
        say("There is no Prometheus on this machine and no apt to fetch one with.")
        return None
    say("Fetching Prometheus from Debian's packages (once, into the cache directory; nothing is installed)")
    try:
        debian.unpack(home, "prometheus", with_dependencies=False)
    except debian.NotFetched as error:
        say(f"Fetching Prometheus failed: {error}")
    return _kept(home)
