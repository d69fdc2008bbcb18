"""`query-api`: the processes of this service and its administration."""

from datetime import date, timedelta

import typer

from query_api.commands.accounts import accounts
from query_api.commands.requeue import requeue
from query_api.commands.rewrap import rewrap
from query_api.commands.running import database_url, note, read, run, tell, told
from query_api.commands.shops import shops
from query_api.commands.tokens import tokens
from query_api.repository.audit import Deed
from query_api.settings import RebuildSettings
from shared.db.revisions import newest_revision

cli = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="The log of every sync task: recorder, API and console, and their administration.",
)
cli.add_typer(tokens, name="tokens")
cli.add_typer(shops, name="shops")
cli.add_typer(accounts, name="accounts")
cli.command()(requeue)
cli.command()(rewrap)


@cli.command()
def serve() -> None:
    """Serves the API and the console until SIGTERM."""
    from query_api.app import serve as serve_app  # noqa: PLC0415  commands need not wait for its imports

    serve_app()


@cli.command()
def recorder() -> None:
    """Records every transition in the log until SIGTERM."""
    from query_api.recorder.app import main as record  # noqa: PLC0415

    record()


@cli.command()
def migrate() -> None:
    """Brings the database to the newest schema; harmless when it is there already."""
    from shared.db.migrate import upgrade  # noqa: PLC0415  its tools take 20 MB that no server needs

    with told():
        upgrade(database_url())
    typer.echo(f"The database is at revision {newest_revision()}.")


@cli.command()
def rebuild() -> None:
    """Folds the whole log anew into the projection and the counters, and corrects what differs."""
    from query_api.recorder.rebuild import rebuild as fold  # noqa: PLC0415

    with told():
        kept = timedelta(days=read(RebuildSettings).minute_counts_retention_days)
        report = fold(database_url(), minute_counts_kept=kept, on_day=_tell_day)
    run(note, Deed("log.rebuild", None, {"events": report.events, "unchanged": report.is_unchanged}))
    if report.is_unchanged:
        typer.echo(f"{report.events} events of {report.tasks} tasks: everything was as the log says.")
        return
    typer.echo(
        f"{report.events} events of {report.tasks} tasks. Corrected: {report.tasks_corrected} tasks, "
        f"{report.counts_corrected} counters, {report.minutes_corrected} minutes, "
        f"{report.hours_corrected} hours, {report.failures_corrected} kinds of failure and their hours; "
        f"removed: {report.tasks_removed} tasks."
    )


def _tell_day(day: date, events: int) -> None:
    tell(f"{day}  {events} events")


def main() -> None:
    cli()
