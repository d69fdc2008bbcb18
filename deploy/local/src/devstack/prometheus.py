"""The tests' Prometheus: the machine's own, else Debian's, unpacked into the cache directory."""

import fcntl
import shutil
from pathlib import Path

from devstack import debian
from devstack.errors import ServerUnavailable
from devstack.rabbitmq_packages import Say, cache_directory

_PROGRAMS = ("prometheus", "promtool")
_WHAT_TO_DO = "install prometheus and promtool (Debian: apt-get install prometheus)"


def find_prometheus(say: Say) -> Path:
    """The directory of prometheus and promtool. Raises ServerUnavailable with what to do."""
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


def _fetched(home: Path, say: Say) -> Path:
    if not debian.can_fetch():
        raise ServerUnavailable(f"No Prometheus on this machine and no apt to fetch one with: {_WHAT_TO_DO}.")
    say("Fetching Prometheus from Debian's packages (once, into the cache directory; nothing is installed)")
    try:
        root = debian.unpack(home, "prometheus", with_dependencies=False)
    except debian.NotFetched as error:
        raise ServerUnavailable(f"Fetching Prometheus failed ({error}): {_WHAT_TO_DO}.") from error
    return root / "usr" / "bin"
