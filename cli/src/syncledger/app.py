"""`syncledger`: what there is to look at and to do."""

from typing import Annotated

import typer

from syncledger.commands.alerts import alerts
from syncledger.commands.connections import connections
from syncledger.commands.operations import operations
from syncledger.commands.shipments import shipments
from syncledger.commands.shops import shops
from syncledger.commands.signing_in import login, whoami
from syncledger.commands.stats import stats
from syncledger.commands.tasks import tasks
from syncledger.commands.tokens import tokens

app = typer.Typer(
    name="syncledger",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Looks into Syncledger and acts on it, over its API. Where it is and who you are: SYNCLEDGER_URL "
    "and SYNCLEDGER_TOKEN, or `syncledger login`.",
)
app.add_typer(tasks, name="tasks")
app.command()(stats)
app.command()(connections)
app.add_typer(shipments, name="shipments")
app.add_typer(alerts, name="alerts")
app.add_typer(operations, name="operations")
app.add_typer(tokens, name="tokens")
app.add_typer(shops, name="shops")
app.command()(login)
app.command()(whoami)


def _version(is_asked: bool) -> None:
    if is_asked:
        typer.echo("syncledger 0.1.0")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_version, help="Show the version and end.")
    ] = False,
) -> None:
    """For all commands."""


def main() -> None:
    app(prog_name="syncledger")
