"""The commands of ./dev."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from devstack.becoming import become
from devstack.bookkeeping import stop_running
from devstack.data import DataDirectory, read_json
from devstack.detached import run_detached
from devstack.errors import StackError
from devstack.lint import run_checks
from devstack.lock import write_locks
from devstack.options import DEMO_TRAFFIC_PER_S, UpOptions, service_names
from devstack.postgres import psql_command
from devstack.servers import given_postgres_url
from devstack.servers_check import check_servers
from devstack.tests_run import browser, run_tests
from devstack.up import run_up
from devstack.workspace import ROOT

app = typer.Typer(
    name="./dev",
    help="Runs and checks Syncledger on this machine.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
console = Console(soft_wrap=True)
_PASSED_ON = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}
_LOG_LINES = 200
_DATA_VARIABLE = "SYNCLEDGER_DATA"
_DATA = ROOT / ".data"

DataOption = Annotated[
    Path, typer.Option("--data", envvar=_DATA_VARIABLE, help="Where the stack keeps its data.")
]
Port = Annotated[int | None, typer.Option(min=1, max=65_535, metavar="PORT", show_default=False)]
Ports = Annotated[str, typer.Option(metavar="auto|default", help="auto: free ones, unless given.")]
NoDemo = Annotated[bool, typer.Option("--no-demo", help="The demo shop is there, but sends nothing.")]
Traffic = Annotated[float, typer.Option(min=0, metavar="RATE", help="Demo deliveries a second.")]
Without = Annotated[
    str,
    typer.Option("--without", "--foreground-services", metavar="NAME,…", help="Left for you to run by hand."),
]
Detach = Annotated[bool, typer.Option("--detach", help="Return once it is up; ./dev down stops it.")]


def main() -> None:
    """Runs a command; what a person has to know comes as a sentence, not as a traceback."""
    try:
        app(prog_name="./dev")
    except StackError as error:
        console.print(f"./dev: {error}", style="red", markup=False, highlight=False)
        raise SystemExit(1) from None


@app.command()
def up(  # noqa: PLR0913, PLR0917  every option of the command is a parameter
    data: DataOption = _DATA,
    port_query_api: Port = None,
    port_ingest: Port = None,
    port_sync_worker: Port = None,
    port_writeback: Port = None,
    port_alerting: Port = None,
    port_recorder: Port = None,
    port_sandbox: Port = None,
    port_mail: Port = None,
    ports: Ports = "default",
    no_demo: NoDemo = False,
    traffic: Traffic = DEMO_TRAFFIC_PER_S,
    without: Without = "",
    detach: Detach = False,
) -> None:
    """Start everything: Postgres, RabbitMQ, the services, the sandbox with demo traffic. Ctrl-C stops it.

    A port can also be given by environment, as PORT_INGEST and so on. Where DATABASE_URL or RABBITMQ_URL is
    set, that server is used instead of an embedded one.
    """
    if ports not in {"auto", "default"}:
        raise StackError(f"--ports {ports} is not known; it is auto or default.")
    given = {
        "query-api": port_query_api,
        "ingest": port_ingest,
        "sync-worker": port_sync_worker,
        "writeback": port_writeback,
        "alerting": port_alerting,
        "recorder": port_recorder,
        "sandbox": port_sandbox,
        "mail": port_mail,
    }
    options = UpOptions(
        data=DataDirectory(data.absolute()),
        ports=given,
        free_ports=ports == "auto",
        traffic_per_s=0.0 if no_demo else traffic,
        without=service_names(without),
    )
    if detach:
        run_detached([part for part in sys.argv[1:] if part != "--detach"], options.data, console)
    else:
        run_up(options, console)


@app.command()
def down(data: DataOption = _DATA) -> None:
    """Stop everything `up` started from this checkout, and only that."""
    stopped = stop_running(DataDirectory(data.absolute()))
    console.print(f"Stopped {', '.join(stopped)}." if stopped else "Nothing was running.", highlight=False)


@app.command(context_settings=_PASSED_ON)
def test(context: typer.Context) -> None:
    """Run all tests, or those that the arguments (pytest's own) choose."""
    run_tests(context.args, console)


@app.command(context_settings=_PASSED_ON)
def chaos(context: typer.Context) -> None:
    """Break a running stack in every way there is, and judge what it did (--help says more)."""
    become("tests.chaos", context.args)


@app.command(context_settings=_PASSED_ON)
def fuzz(context: typer.Context) -> None:
    """Try bad input on all that reads what others say (--help says more)."""
    become("tests.fuzz", context.args)


@app.command(context_settings=_PASSED_ON)
def bench(context: typer.Context) -> None:
    """Measure the product beside its peers and its physical limits (--help says what can be chosen)."""
    become("benchmarks.proof", context.args)


@app.command()
def lint() -> None:
    """Run every static check."""
    if not run_checks(console):
        raise typer.Exit(1)


@app.command(context_settings=_PASSED_ON)
def psql(context: typer.Context) -> None:
    """Open psql on the running stack's database; arguments are psql's own."""
    data = DataDirectory(Path(os.environ.get(_DATA_VARIABLE, _DATA)))
    url = read_json(data.stack_file).get("database_url") or given_postgres_url()
    if url is None:
        raise StackError("The stack is not running, so there is no database to open: ./dev up starts it.")
    command, environment = psql_command(url)
    os.execve(command[0], [*command, *context.args], environment)


@app.command()
def logs(
    name: Annotated[
        str | None, typer.Argument(help="A service, postgres or rabbitmq; all when left out.")
    ] = None,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on as lines are written.")] = False,
    data: DataOption = _DATA,
) -> None:
    """Show the last lines of the logs."""
    there = sorted((data / "logs").glob("*.log"))
    wanted = [path for path in there if name in {None, path.stem}]
    if not wanted:
        known = ", ".join(path.stem for path in there) or "none yet"
        raise StackError(f"There is no log of {name or 'anything'}; there are: {known}.")
    arguments = ["tail", "-n", str(_LOG_LINES), *(["-F"] if follow else []), *map(str, wanted)]
    os.execvp("tail", arguments)


@app.command()
def lock(
    upgrade: Annotated[bool, typer.Option("--upgrade", help="Take the newest versions that fit.")] = False,
) -> None:
    """Pin what the pyproject files name, Node.js and the peers of the benchmarks in requirements locks."""
    write_locks(upgrade=upgrade)


@app.command()
def screenshots(
    target: Annotated[Path, typer.Option("--to", help="The folder they are written to.")] = ROOT
    / "dist/screenshots",
    data: DataOption = _DATA,
) -> None:
    """Take pictures of the running stack's console."""
    from devstack.screenshots import take_screenshots  # noqa: PLC0415 - a browser is loaded for this alone

    stack = read_json(DataDirectory(data).stack_file)
    if not stack:
        raise StackError("The stack is not running, so there is nothing to see: ./dev up starts it.")
    chromium = browser()
    if chromium is None:
        raise StackError("Pictures need a browser: install chromium (Debian: apt-get install chromium).")
    take_screenshots(stack, target, chromium, console)


@app.command("servers-check", hidden=True)
def servers_check() -> None:
    """Start Postgres and RabbitMQ as the stack does, talk to them, stop them."""
    check_servers(console)
