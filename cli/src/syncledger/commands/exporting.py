"""`syncledger tasks export`: the filtered list as a file."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, BinaryIO

import httpx
import typer

from syncledger.clients.api import Api, Parameters
from syncledger.errors import Mistake
from syncledger.filters import Filters, filtered, parameters_of
from syncledger.printing import bytes_bar, tell
from syncledger.session import session


class Format(StrEnum):
    CSV = "csv"
    XLSX = "xlsx"
    NDJSON = "ndjson"


@filtered
def export(
    filters: Filters,
    output: Annotated[Path, typer.Option("--output", "-o", help="The file; `-` for stdout.")],
    format_: Annotated[
        Format | None, typer.Option("--format", "-f", help="By default by the file's ending.")
    ] = None,
    column: Annotated[list[str] | None, typer.Option(help="Only these columns, in this order.")] = None,
    timezone: Annotated[str | None, typer.Option(help="Of the file's times; UTC by default.")] = None,
    summary: Annotated[
        bool, typer.Option("--summary", help="End CSV and NDJSON with a summary; workbooks have one.")
    ] = False,
    sort: Annotated[str, typer.Option(help="As `tasks list` sorts.")] = "-created",
) -> None:
    """Writes exactly the filtered list in its order, however long. The file appears when it is whole."""
    with session() as api:
        wanted = format_ or _by_ending(output)
        asked = {**parameters_of(filters), "sort": sort, "format": wanted.value}
        asked |= {"columns": column, "timezone": timezone, "with_summary": summary or None}
        if str(output) == "-":
            _write(api, asked, sys.stdout.buffer)
            return
        part = output.with_name(f"{output.name}.part")
        try:
            with part.open("wb") as file:
                _write(api, asked, file)
            part.replace(output)
        finally:
            part.unlink(missing_ok=True)
    tell(f"Written to {output}.")


def _by_ending(output: Path) -> Format:
    try:
        return Format(output.suffix.removeprefix(".").lower())
    except ValueError:
        known = ", ".join(Format)
        raise Mistake(f"--format is missing, and {output} does not end as one of: {known}.") from None


def _write(api: Api, asked: Parameters, file: BinaryIO) -> None:
    with api.streamed("/tasks/export", asked) as response, bytes_bar() as bar:
        shown = bar.add_task("exporting", total=_length(response))
        for piece in response.iter_bytes():
            file.write(piece)
            bar.advance(shown, len(piece))


def _length(response: httpx.Response) -> int | None:
    length = response.headers.get("Content-Length")
    return int(length) if length and "Content-Encoding" not in response.headers else None
