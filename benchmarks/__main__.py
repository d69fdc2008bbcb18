"""`python -m benchmarks`: makes large logs and measures the API on them."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Annotated

import typer

from benchmarks.loading import load as load_log
from benchmarks.made_up import Scale
from benchmarks.measuring import measure
from benchmarks.quiet import be_quiet
from benchmarks.report import compared
from benchmarks.servers import fresh_database
from shared.envelope import utc_now

cli = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)

Tasks = Annotated[int, typer.Option(help="how many, e.g. 100000, 1000000, 10000000")]
Days = Annotated[int, typer.Option(help="over how many days up to now they spread")]
Processes = Annotated[int, typer.Option(help="how many days are loaded side by side")]
Rounds = Annotated[int, typer.Option(help="how often each question is asked")]
DatabaseUrl = Annotated[str, typer.Option(envvar="DATABASE_URL", help="a migrated database without a log")]


@cli.command()
def load(
    database_url: DatabaseUrl, tasks: Tasks = 1_000_000, days: Days = 90, processes: Processes = 2
) -> None:
    """Fills a database with a made-up log."""
    began = time.monotonic()
    load_log(database_url, Scale(tasks, days, utc_now()), processes=processes)
    typer.echo(f"{tasks:,} tasks in {time.monotonic() - began:.0f} s.")


@cli.command()
def compare(
    tasks: Annotated[list[int], typer.Option(help="sizes to compare, the small one first")],
    days: Days = 90,
    processes: Processes = 2,
    rounds: Rounds = 20,
) -> None:
    """Measures the API on logs of several sizes, each on a Postgres of its own that is gone afterwards."""
    with ExitStack() as stack:
        urls = [stack.enter_context(_loaded(Scale(size, days, utc_now()), processes)) for size in tasks]
        _tell(urls, rounds)


@cli.command()
def measured(
    database_url: Annotated[
        list[str], typer.Option(help="databases that `load` filled, the small one first")
    ],
    rounds: Rounds = 20,
) -> None:
    """Measures the API on logs that are there."""
    _tell(database_url, rounds)


def _tell(urls: Sequence[str], rounds: int) -> None:
    be_quiet()
    timings = asyncio.run(measure(urls, rounds=rounds))
    for line in compared(timings[0], timings[-1]):
        typer.echo(line)


@contextmanager
def _loaded(scale: Scale, processes: int) -> Iterator[str]:
    with fresh_database() as url:
        began = time.monotonic()
        load_log(url, scale, processes=processes)
        typer.echo(f"{scale.tasks:,} tasks loaded in {time.monotonic() - began:.0f} s.")
        yield url


if __name__ == "__main__":
    cli()
