"""`python -m tests.chaos`, which ./dev chaos runs: breaks a running system and judges what it did."""

import asyncio
import logging
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from devstack.postgres import temporary_home
from devstack.servers import OwnPostgres, OwnRabbit, Place, own_postgres, own_rabbit
from devstack.workspace import ROOT
from shared.db.migrate import upgrade
from tests.chaos.clocks import find_faketime
from tests.chaos.history import History, Recording, read
from tests.chaos.judging import broken, judge
from tests.chaos.reporting import offenders, placed, report
from tests.chaos.running import Plan, carry_out, scene_in
from tests.chaos.schedule import EVERY_S, Kind, schedule_of

PLACE = ROOT / ".data/chaos"
TABLE = ROOT / "docs/reliability.md"
SHOWN = 5
RATE = 10
cli = typer.Typer(add_completion=False, pretty_exceptions_enable=False)

Minutes = Annotated[float, typer.Option(min=0.5, help="How long faults and traffic last.")]
Seed = Annotated[str, typer.Option(help="The same seed, the same faults at the same times.")]
Kinds = Annotated[list[Kind] | None, typer.Option("--kind", help="Only this kind; may be repeated.")]
Every = Annotated[float, typer.Option(min=0.5, help="Seconds from one fault to the next, on average.")]
Rate = Annotated[float, typer.Option(min=1, help="Deliveries a second.")]
Table = Annotated[
    Path, typer.Option(exists=True, dir_okay=False, writable=True, help="The page the table is written to.")
]
Again = Annotated[Path | None, typer.Option("--judge", help="Judge this history; nothing is run.")]


@cli.command()
def chaos(  # noqa: PLR0917  every option of the command is a parameter
    minutes: Minutes = 20,
    seed: Seed = "1",
    kinds: Kinds = None,
    every: Every = EVERY_S,
    rate: Rate = RATE,
    table: Table = TABLE,
    again: Again = None,
) -> None:
    """Break a running stack in every way there is, and judge the promises on what it did."""
    if again is not None:
        _tell(read(again))
        return
    for library in ("aio_pika", "aiormq"):
        logging.getLogger(library).setLevel(logging.CRITICAL)  # a broker that is away is what is wanted here
    wanted = _possible(kinds or list(Kind))
    faults = schedule_of(seed, minutes * 60, wanted, every_s=every)
    typer.echo(f"{len(faults)} faults; the history goes to {PLACE / 'history.jsonl'}")
    history = _run(Plan(seed, minutes * 60, rate, faults))
    given = f" --every {every:g}" * (every != EVERY_S) + f" --rate {rate:g}" * (rate != RATE)
    command = _command(minutes, seed, kinds) + given
    text = report(history, judge(history), command=command, machine=_machine())
    table.write_text(placed(table.read_text(), text))
    typer.echo(text)
    _tell(history)


def _possible(kinds: list[Kind]) -> list[Kind]:
    if Kind.CLOCK in kinds and find_faketime() is None:
        typer.echo("Clocks are left alone: there is no libfaketime, and none can be fetched.")
        return [kind for kind in kinds if kind is not Kind.CLOCK]
    return kinds


def _run(plan: Plan) -> History:
    shutil.rmtree(PLACE, ignore_errors=True)
    PLACE.mkdir(parents=True)
    with (PLACE / "history.jsonl").open("w", encoding="utf-8") as file, _servers() as (postgres, rabbitmq):
        history = Recording(file)
        with scene_in(PLACE / "stack", (postgres, rabbitmq), history, plan) as scene:
            asyncio.run(carry_out(scene, plan))
        return history


@contextmanager
def _servers() -> Iterator[tuple[OwnPostgres, OwnRabbit]]:
    """As durable as in production."""
    postgres = own_postgres(Place(temporary_home(durable=True), PLACE / "postgres.log"))
    home = Path(tempfile.mkdtemp(prefix="syncledger-rabbitmq-", dir="/var/tmp"))
    rabbitmq = own_rabbit(Place(home, PLACE / "rabbitmq.log"), typer.echo)
    try:
        postgres.start()
        rabbitmq.start()
        upgrade(postgres.url)
        yield postgres, rabbitmq
    finally:
        for server in (postgres, rabbitmq):
            server.kill()
            server.discard()


def _tell(history: History) -> None:
    verdicts = judge(history)
    for line in offenders(verdicts, at_most=SHOWN):
        typer.echo(line)
    typer.echo("A promise is broken." if broken(verdicts) else "All promises held.")
    raise typer.Exit(1 if broken(verdicts) else 0)


def _command(minutes: float, seed: str, kinds: list[Kind] | None) -> str:
    only = "".join(f" --kind {kind}" for kind in kinds or ())
    return f"./dev chaos --minutes {minutes:g} --seed {seed}{only}"


def _machine() -> str:
    memory_gb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1024**3
    return f"{os.cpu_count()} cores, {memory_gb:.0f} GB"


if __name__ == "__main__":
    cli(prog_name="./dev chaos")
