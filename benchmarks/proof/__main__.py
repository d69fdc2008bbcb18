"""`./dev bench`: measures the product beside its peers and its physical limits."""

import re
import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated

import typer

from benchmarks.proof.figures import Figures
from benchmarks.proof.ground import Ground, measuring_ground
from benchmarks.proof.machine import described
from benchmarks.proof.part import FULL, LONG, QUICK, Amount, Part
from benchmarks.proof.parts import PARTS
from benchmarks.proof.results import Result, keep_results
from benchmarks.proof.tables import figures_table, page, targets_head, targets_table
from benchmarks.quiet import be_quiet
from devstack.errors import StackError
from devstack.workspace import ROOT
from shared.envelope import utc_now

PAGE = ROOT / "docs" / "benchmarks.md"
_RUNS = 3

cli = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
Names = Annotated[list[str] | None, typer.Argument(metavar="[PART]…", help=", ".join(p.name for p in PARTS))]
Logs = Annotated[
    list[str] | None,
    typer.Option("--database-url", help="logs that are there already and are asked instead, smallest first"),
]


@cli.command(help=__doc__)
def bench(
    names: Names = None,
    *,
    quick: Annotated[
        bool, typer.Option("--quick", help="one small run of each, below three minutes")
    ] = False,
    long: Annotated[
        bool, typer.Option("--long", help="an hour's outage, a million lines, ten million tasks")
    ] = False,
    runs: Annotated[int | None, typer.Option(min=1, help="how often each part is measured")] = None,
    logs: Logs = None,
) -> None:
    amount = QUICK if quick else LONG if long else FULL
    amount = replace(amount, query_logs=tuple(logs or ()))
    wanted = chosen(names or [])
    be_quiet()
    with measuring_ground() as ground:
        machine = described(ground)
        for part in wanted:
            found = _measured(part, ground, amount, runs or (1 if quick else _RUNS))
            if not quick:
                _keep(part, Result(f"{utc_now():%Y-%m-%d}", _command(), machine, found))
    if quick:
        typer.echo("\nToo little to judge by: `./dev bench` without --quick measures steady work.")


def _keep(part: Part, result: Result) -> None:
    """At once: what comes next may fail."""
    PAGE.write_text(page(PARTS, keep_results({part.name: result})))
    typer.echo(f"Written to {PAGE.relative_to(ROOT)}.")


def chosen(names: Sequence[str]) -> list[Part]:
    """The parts of these names, or all. Raises StackError for a name that is none."""
    known = {part.name for part in PARTS}
    if unknown := set(names) - known:
        raise StackError(
            f"No part is called {', '.join(sorted(unknown))}; there are {', '.join(sorted(known))}."
        )
    return [part for part in PARTS if not names or part.name in names]


def _measured(part: Part, ground: Ground, amount: Amount, runs: int) -> list[Figures]:
    typer.echo(f"\n{part.title}: {part.about}")
    began = time.monotonic()
    found = [part.measure(ground, amount) for _ in range(min(runs, part.most_runs or runs))]
    for line in (*figures_table(found), "", *targets_head(), *targets_table(part, found)):
        typer.echo(line)
    typer.echo(f"({time.monotonic() - began:.0f} s)")
    return found


def _command() -> str:
    """As it was asked for, without what may hold a password."""
    asked = (re.sub(r"://.*", "://…", argument) for argument in sys.argv[1:])
    return " ".join(["./dev bench", *asked])


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # not without stopping the servers
    try:
        cli(prog_name="./dev bench")
    except StackError as error:
        typer.secho(f"./dev bench: {error}", fg="red", err=True)
        raise SystemExit(1) from None
