"""How answers look: tables for people, JSON for programs. What is no result goes to stderr."""

import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.text import Text

from syncledger.clients.api import Answer

PLAIN_WIDTH = 240
COLOURS = {
    "succeeded": "green",
    "synced": "green",
    "good": "green",
    "green": "green",
    "resolved": "green",
    "failed": "red",
    "red": "red",
    "critical": "red",
    "firing": "red",
    "revoked": "red",
    "aborted": "red",
    "retrying": "yellow",
    "yellow": "yellow",
    "warning": "yellow",
    "paused": "yellow",
    "expired": "yellow",
    "processing": "cyan",
    "running": "cyan",
}
Row = Sequence[Any]
_errors = Console(stderr=True, soft_wrap=True, highlight=False)


def console() -> Console:
    """For results; plain text where nobody looks at a terminal."""
    return Console(highlight=False, width=None if sys.stdout.isatty() else PLAIN_WIDTH)


def tell(sentence: str, *, style: str | None = None) -> None:
    """Something worth knowing that is not the result."""
    _errors.print(sentence, style=style, markup=False)


def show_json(answer: Answer) -> None:
    """As the API gave it: large integers stay what they are."""
    typer.echo(answer.text)


def show_table(columns: Sequence[str], rows: Iterable[Row]) -> None:
    console().print(_table(columns, rows))


def show_aside(columns: Sequence[str], rows: Iterable[Row]) -> None:
    """A table that is not the result."""
    Console(stderr=True, highlight=False).print(_table(columns, rows))


def _table(columns: Sequence[str], rows: Iterable[Row]) -> Table:
    table = Table(*columns, box=None, pad_edge=False, header_style="bold")
    for row in rows:
        table.add_row(*(_cell(value) for value in row))
    return table


def show_facts(facts: Mapping[str, Any]) -> None:
    """Names and what is known of them; the rest is left out."""
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="bold")
    table.add_column(overflow="fold")
    for name, value in facts.items():
        if value not in (None, "", [], {}):
            table.add_row(name, _cell(value))
    console().print(table)


def tell_as_of(answer: Answer) -> None:
    if (as_of := answer.body.get("as_of")) is not None:
        tell(f"As of {when(as_of)}", style="dim")


def when(text: str | None) -> str:
    """A moment of the API in the time of this machine."""
    if text is None:
        return "–"
    moment = datetime.fromisoformat(text)
    return moment.astimezone().strftime("%Y-%m-%d %H:%M:%S")


def duration(milliseconds: float | None) -> str:
    if milliseconds is None:
        return "–"
    return f"{milliseconds:.0f} ms" if milliseconds < 1_000 else span(milliseconds / 1_000)


def span(seconds: float | None) -> str:
    if seconds is None:
        return "–"
    if seconds < 60:
        return f"{seconds:.1f} s" if seconds % 1 else f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"


def percent(part: float | None) -> str:
    return "–" if part is None else f"{part:.1%}"


def items_bar() -> Progress:
    """How many of how many; on stderr, so that results can be piped."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=_errors)


def bytes_bar() -> Progress:
    return Progress(TextColumn("{task.description}"), BarColumn(), DownloadColumn(), console=_errors)


def now() -> datetime:
    return datetime.now(UTC)


def _cell(value: Any) -> Text:
    if value is None or value == "":
        return Text("–", style="dim")
    text = str(value)
    return Text(text, style=COLOURS.get(text.split(" ", maxsplit=1)[0], ""))
