"""How every command runs: access from the environment or the file, and errors as sentences."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from syncledger.clients.api import Api
from syncledger.configuration import access
from syncledger.errors import Stop
from syncledger.printing import tell

Json = Annotated[bool, typer.Option("--json", help="The API's answer as it is, one document a page.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]


@contextmanager
def session() -> Iterator[Api]:
    """Ends the process with a sentence when something is not as it should be."""
    with told():
        found = access()
        if found.is_exposed:
            tell(f"The token travels unencrypted to {found.url}.", style="yellow")
        with Api(found) as api:
            yield api


@contextmanager
def told() -> Iterator[None]:
    try:
        yield
    except Stop as stop:
        tell(str(stop), style="red")
        raise typer.Exit(stop.code) from stop
    except KeyboardInterrupt:
        raise typer.Exit(130) from None


def agreed(question: str, *, yes: bool) -> None:
    """Ends the command unless somebody says yes."""
    if not yes and not typer.confirm(question, err=True):
        tell("Nothing was done.")
        raise typer.Exit(1)


def agreed_by_number(question: str, number: int, *, yes: bool) -> None:
    """Ends the command unless somebody types the number."""
    if not yes and typer.prompt(question, err=True).strip().replace(",", "") != str(number):
        tell("That is not the number. Nothing was done.")
        raise typer.Exit(1)
