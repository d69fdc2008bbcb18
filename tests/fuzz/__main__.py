"""`python -m tests.fuzz`, which ./dev fuzz runs: bad input for all that reads what others say."""

import importlib.util
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from devstack.workspace import ROOT
from tests.chaos.reporting import placed
from tests.fuzz.engines import Tried, drawn, led
from tests.fuzz.targets import TARGETS

LOCK = ROOT / "requirements-fuzz.lock"
TABLE = ROOT / "docs/reliability.md"
MARKS = ("<!-- the last bad input -->", "<!-- that was the last bad input -->")
cli = typer.Typer(add_completion=False, pretty_exceptions_enable=False)

Names = Annotated[list[str] | None, typer.Option("--target", help="Only this one; may be repeated.")]
Count = Annotated[int, typer.Option(min=1, help="Inputs drawn for each.")]
Seconds = Annotated[int, typer.Option(min=0, help="How long coverage leads through each; 0: not at all.")]
Table = Annotated[Path, typer.Option(help="The page the table is written to.")]


@cli.command()
def fuzz(targets: Names = None, inputs: Count = 5_000, seconds: Seconds = 60, table: Table = TABLE) -> None:
    """Try bad input, and tell the first of each that breaks something."""
    wanted = [target for target in TARGETS if not targets or target.name in targets]
    is_led = seconds > 0 and _can_be_led()
    rows = []
    for target in wanted:
        tried = (drawn(target, inputs), led(target, seconds) if is_led else Tried(0))
        rows.append((target.name, *tried))
        typer.echo(f"{target.name}: {tried[0].inputs} drawn, {tried[1].inputs} led")
        for one in tried:
            if one.found is not None:
                typer.echo(one.found)
    command = f"./dev fuzz --inputs {inputs} --seconds {seconds}"
    table.write_text(placed(table.read_text(), f"`{command}`\n\n{_table(rows)}", MARKS))
    raise typer.Exit(1 if any(one.found for _, *both in rows for one in both) else 0)


def _can_be_led() -> bool:
    """atheris is fetched when it is wanted: it is large, and there is none for every machine."""
    if importlib.util.find_spec("atheris") is not None:
        return True
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet")
    fetch = [*pip, "--require-hashes", "--no-deps", "--only-binary", ":all:", "-r", str(LOCK)]
    typer.echo("Fetching atheris")
    if subprocess.run(fetch, cwd=ROOT, check=False).returncode == 0:
        return True
    typer.echo("There is no atheris for this machine, so coverage leads nowhere: inputs are drawn only.")
    return False


def _table(rows: list[tuple[str, Tried, Tried]]) -> str:
    return "\n".join(_lines(rows))


def _lines(rows: list[tuple[str, Tried, Tried]]) -> Iterator[str]:
    yield "| read by us | inputs drawn | inputs led by coverage | broke something |"
    yield "| --- | --- | --- | --- |"
    for name, one, other in rows:
        broke = sum(tried.found is not None for tried in (one, other))
        yield f"| {name} | {one.inputs:,} | {other.inputs:,} | {broke} |"
    total = [sum(tried.inputs for tried in column) for column in zip(*[row[1:] for row in rows], strict=True)]
    yield f"| all | {total[0]:,} | {total[1]:,} | |"


if __name__ == "__main__":
    cli(prog_name="./dev fuzz")
