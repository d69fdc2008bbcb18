"""Which system account a server runs as: Postgres refuses to run as root."""

import os
import pwd
import shutil
from dataclasses import dataclass
from pathlib import Path

from devstack.errors import StackError

_UNPRIVILEGED = ("postgres", "nobody")


@dataclass(frozen=True)
class Account:
    name: str
    uid: int
    gid: int

    def own(self, path: Path) -> None:
        """Gives `path` and everything in it to this account."""
        for entry in [path, *path.rglob("*")]:
            os.chown(entry, self.uid, self.gid, follow_symlinks=False)


def unprivileged_account() -> Account | None:
    """The account Postgres has to run as; None when we are a plain user, as whom it simply runs.

    Raises StackError when we are root and the machine has no account to step down to.
    """
    if os.geteuid() != 0:
        return None
    for name in _UNPRIVILEGED:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name, entry.pw_uid, entry.pw_gid)
    raise StackError(
        f"Postgres does not run as root, and this machine has no account {' or '.join(_UNPRIVILEGED)}: "
        "run this as a plain user, or add one of them."
    )


def remove_tree(path: Path) -> None:
    """Removes a directory, following `path` itself when it is a link to one."""
    shutil.rmtree(path.resolve(), ignore_errors=True)
    if path.is_symlink():
        path.unlink()
