"""`python -m benchmarks`: makes large logs."""

import time
from typing import Annotated

import typer

from benchmarks.loading import load as load_log
from benchmarks.made_up import Scale
from shared.envelope import utc_now

cli = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)


@cli.callback()
def _main() -> None:
    """One command, named all the same."""


@cli.command()
def load(
    database_url: Annotated[
        str, typer.Option(envvar="DATABASE_URL", help="a migrated database without a log")
    ],
    tasks: Annotated[int, typer.Option(help="how many, e.g. 100000, 1000000, 10000000")] = 1_000_000,
    days: Annotated[int, typer.Option(help="over how many days up to now they spread")] = 90,
    processes: Annotated[int, typer.Option(help="how many days are loaded side by side")] = 2,
) -> None:
    """Fills a database with a made-up log."""
    began = time.monotonic()
    load_log(database_url, Scale(tasks, days, utc_now()), processes=processes)
    typer.echo(f"{tasks:,} tasks in {time.monotonic() - began:.0f} s.")


if __name__ == "__main__":
    cli()
