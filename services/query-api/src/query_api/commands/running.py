"""How every command runs: settings from the environment, one connection, and errors as sentences."""

import asyncio
import socket
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any, Concatenate, NoReturn, ParamSpec, TypeVar
from urllib.parse import urlsplit

import asyncpg
import typer
from pydantic import ValidationError
from pydantic_settings import BaseSettings
from rich.console import Console

from query_api.repository.audit import Deed, audit_command
from query_api.settings import AdminSettings, VaultSettings
from shared.db.outages import ANY_DATABASE_ERROR
from shared.db.pool import open_connection
from shared.vault import Vault

WRONG_INPUT = 2
FAILED = 1
PLAIN_WIDTH = 240
Settings = TypeVar("Settings", bound=BaseSettings)
Result = TypeVar("Result")
Arguments = ParamSpec("Arguments")
Work = Callable[Concatenate[Any, Arguments], Awaitable[Result]]
_errors = Console(stderr=True, soft_wrap=True, highlight=False)


class Mistake(Exception):
    """The command can not do what was asked; the message says why and what to do."""


def run(work: Work[Arguments, Result], *arguments: Arguments.args, **named: Arguments.kwargs) -> Result:
    """Runs `work` on a connection inside a transaction; ends the process with a sentence when it can not."""
    with told():
        return asyncio.run(_with_connection(work, *arguments, **named))


def run_by_parts(
    work: Work[Arguments, Result], *arguments: Arguments.args, **named: Arguments.kwargs
) -> Result:
    """Runs `work` that commits for itself, however long it takes."""
    with told():
        return asyncio.run(_with_bare_connection(work, *arguments, **named))


def vault() -> Vault:
    """The vault of SECRET_KEYS."""
    keys = read(VaultSettings).secret_keys
    try:
        return Vault(keys.get_secret_value())
    except ValueError as error:
        raise Mistake(
            "SECRET_KEYS holds something that is not a Fernet key; separate keys by commas."
        ) from error


def database_url() -> str:
    return read(AdminSettings).database_url.get_secret_value()


def read(kind: type[Settings]) -> Settings:
    """Settings from the environment. Raises Mistake naming the variables that are missing."""
    try:
        return kind()
    except ValidationError as error:
        names = ", ".join(str(item["loc"][0]).upper() for item in error.errors())
        raise Mistake(f"Not set, or not usable: {names}. Set it in the environment.") from error


@contextmanager
def told() -> Iterator[None]:
    """Turns what people can do something about into a sentence on stderr and an exit code."""
    try:
        yield
    except Mistake as mistake:
        stop(str(mistake), WRONG_INPUT)
    except asyncpg.UndefinedTableError:
        stop("The database has no tables yet. Run `query-api migrate` first.", FAILED)
    except ANY_DATABASE_ERROR as error:
        stop(f"The database does not answer at {_place()}: {str(error) or type(error).__name__}", FAILED)


def stop(sentence: str, code: int) -> NoReturn:
    _errors.print(sentence, style="red", markup=False)
    raise typer.Exit(code)


def tell(sentence: str) -> None:
    """Something worth knowing that is not the command's result, on stderr."""
    _errors.print(sentence, markup=False)


async def note(connection: Any, deed: Deed) -> None:
    """Into the audit log, with what was done."""
    await audit_command(connection, socket.gethostname(), deed)


def console() -> Console:
    """For tables; plain text where nobody looks at a terminal."""
    return Console(highlight=False, width=None if sys.stdout.isatty() else PLAIN_WIDTH)


async def _with_connection(
    work: Work[Arguments, Result], *arguments: Arguments.args, **named: Arguments.kwargs
) -> Result:
    async def in_transaction(connection: Any) -> Result:
        async with connection.transaction():
            return await work(connection, *arguments, **named)

    return await _with_bare_connection(in_transaction)


async def _with_bare_connection(
    work: Work[Arguments, Result], *arguments: Arguments.args, **named: Arguments.kwargs
) -> Result:
    connection = await open_connection(database_url(), application_name="query-api command")
    try:
        return await work(connection, *arguments, **named)
    finally:
        await connection.close(timeout=5)


def _place() -> str:
    """The address in DATABASE_URL without the password."""
    parts = urlsplit(database_url())
    return f"{parts.hostname or 'the local socket'}:{parts.port or 5432}{parts.path}"
