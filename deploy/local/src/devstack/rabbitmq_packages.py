"""Where a RabbitMQ comes from: the machine's own, else Debian's, unpacked into the cache directory."""

import fcntl
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from devstack import debian
from devstack.errors import ServerUnavailable

_DEBIAN_SCRIPTS = "usr/lib/rabbitmq/lib/rabbitmq_server-*/sbin"
_ERLANG = "usr/lib/erlang"
_WHAT_TO_DO = "install RabbitMQ (Debian: apt-get install rabbitmq-server) or set RABBITMQ_URL"
Say = Callable[[str], None]


@dataclass(frozen=True)
class RabbitPrograms:
    """The directory of rabbitmq-server, its epmd, and the environment in which they find their Erlang."""

    scripts: Path
    epmd: str
    env: dict[str, str]


def find_programs(say: Say) -> RabbitPrograms:
    """The machine's RabbitMQ, else an unpacked one. Raises ServerUnavailable with what to install."""
    return _installed() or _unpacked(cache_directory() / "rabbitmq", say)


def cache_directory() -> Path:
    """`$XDG_CACHE_HOME/syncledger`, by default in ~/.cache."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "syncledger"


def _installed() -> RabbitPrograms | None:
    scripts, epmd = _installed_scripts(), shutil.which("epmd")
    if scripts is None or epmd is None or shutil.which("erl") is None:
        return None
    return RabbitPrograms(scripts, epmd, {"PATH": os.environ["PATH"]})


def _installed_scripts() -> Path | None:
    """Debian's program on PATH switches to its own account first, so the real one behind it is preferred."""
    for found in sorted(Path("/").glob(_DEBIAN_SCRIPTS), reverse=True):
        return found
    on_path = shutil.which("rabbitmq-server")
    return Path(on_path).resolve().parent if on_path else None


def _unpacked(home: Path, say: Say) -> RabbitPrograms:
    home.mkdir(parents=True, exist_ok=True)
    with (home / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (home / "root" / ".complete").exists():
            _unpack(home, say)
    return _programs_in(home / "root")


def _programs_in(root: Path) -> RabbitPrograms:
    erlang = root / _ERLANG
    libraries = [*root.glob("usr/lib/*-linux-*"), *root.glob("lib/*-linux-*")]
    return RabbitPrograms(
        next(root.glob(_DEBIAN_SCRIPTS)),
        str(next(erlang.glob("erts-*/bin/epmd"))),
        {
            "PATH": f"{erlang / 'bin'}:{os.environ.get('PATH', os.defpath)}",
            "LD_LIBRARY_PATH": ":".join(map(str, libraries)),
        },
    )


def _unpack(home: Path, say: Say) -> None:
    if not debian.can_fetch():
        raise ServerUnavailable(f"No RabbitMQ on this machine and no apt to fetch one with: {_WHAT_TO_DO}.")
    say("Fetching RabbitMQ from Debian's packages (once, into the cache directory; nothing is installed)")
    try:
        root = debian.unpack(home, "rabbitmq-server", with_dependencies=True)
    except debian.NotFetched as error:
        raise ServerUnavailable(f"Fetching RabbitMQ failed ({error}): {_WHAT_TO_DO}.") from error
    _relocate_erlang(root)
    (root / ".complete").touch()


def _relocate_erlang(root: Path) -> None:
    """Debian's start scripts name the place they are installed to; ERL_ROOTDIR alone does not change it."""
    erlang = root / _ERLANG
    for script in [*erlang.glob("bin/*"), *erlang.glob("erts-*/bin/*")]:
        if script.name in {"erl", "start"} and not script.is_symlink():
            script.write_text(script.read_text().replace(f"/{_ERLANG}", str(erlang)))
