"""Databases for tests: one migrated template, cloned for tests that ask, emptied and lent again."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from devstack.postgres import run_psql

_TIMEOUT_S = 60
_HERE = Path(__file__).parent
_SHAPE = str(_HERE / "shape.sql")


class Databases:
    """Makes and drops databases on the server that `url` names a database of."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._shape: str | None = None
        self._spare: list[str] = []

    def create(self, prefix: str, *, template: str = "template1") -> str:
        """The address of a new database."""
        name = f"{prefix}_{secrets.token_hex(6)}"
        self._run(f"create database {name} template {template}")
        return self.address(name)

    def drop(self, url: str) -> None:
        """Removes it, whoever is still connected."""
        self._run(f"drop database if exists {database_name(url)} with (force)")

    @contextmanager
    def filled(self, template: str, *statements: str) -> Iterator[str]:
        """The address of a database like the template in which these have run, for tests that only read."""
        url = self.create("filled", template=template)
        for statement in statements:
            self._run(statement, url)
        yield url
        self.drop(url)

    def lend(self, template: str) -> str:
        """A database like the template, which must not change; to be given back."""
        return self._spare.pop() if self._spare else self.create("test", template=template)

    def give_back(self, url: str, template: str) -> None:
        """Cloning costs a thousand files, emptying a few milliseconds; what can not be emptied is dropped."""
        if self._shape is None:
            self._shape = _shape_of(self.address(template))
        if _emptied(url) == self._shape:
            self._spare.append(url)
        else:
            self.drop(url)

    def close(self) -> None:
        """Drops what is left of the lent ones."""
        while self._spare:
            self.drop(self._spare.pop())

    def address(self, name: str) -> str:
        return urlsplit(self.url)._replace(path=f"/{name}").geturl()

    def _run(self, statement: str, url: str | None = None) -> None:
        done = run_psql(url or self.url, ["-v", "ON_ERROR_STOP=1", "-qc", statement], timeout_s=_TIMEOUT_S)
        assert done.returncode == 0, done.stderr


def database_name(url: str) -> str:
    return urlsplit(url).path.removeprefix("/")


def _emptied(url: str) -> str:
    """Its shape then; of one that can not be emptied, none that any other has."""
    return _said_last(url, "-1", "-v", "ON_ERROR_STOP=1", "-f", str(_HERE / "emptying.sql"), "-f", _SHAPE)


def _shape_of(url: str) -> str:
    return _said_last(url, "-f", _SHAPE)


def _said_last(url: str, *arguments: str) -> str:
    done = run_psql(url, ["-qAt", *arguments], timeout_s=_TIMEOUT_S)
    return done.stdout.split()[-1] if done.returncode == 0 else secrets.token_hex(6)
