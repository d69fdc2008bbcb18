"""Databases for tests: one migrated template, cloned for each test that asks."""

import secrets
from dataclasses import dataclass
from urllib.parse import urlsplit

from devstack.postgres import run_psql

_TIMEOUT_S = 60


@dataclass(frozen=True)
class Databases:
    """Makes and drops databases on the server that `url` names a database of."""

    url: str

    def create(self, prefix: str, *, template: str = "template1") -> str:
        """The address of a new database."""
        name = f"{prefix}_{secrets.token_hex(6)}"
        self._run(f"create database {name} template {template}")
        return urlsplit(self.url)._replace(path=f"/{name}").geturl()

    def drop(self, url: str) -> None:
        """Removes it, whoever is still connected."""
        self._run(f"drop database if exists {database_name(url)} with (force)")

    def _run(self, statement: str) -> None:
        done = run_psql(self.url, ["-qc", statement], timeout_s=_TIMEOUT_S)
        assert done.returncode == 0, done.stderr


def database_name(url: str) -> str:
    return urlsplit(url).path.removeprefix("/")
