"""`syncledger tasks export`: the filtered list as a file, sent as it is written or made in the background."""

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from syncledger.clients.api import Api
from syncledger.commands.files import STDOUT, Output, download
from syncledger.commands.following import outcome, until_end
from syncledger.errors import Mistake, Stop
from syncledger.filters import Filters, filtered, parameters_of
from syncledger.printing import show_json
from syncledger.session import Json, session


class Format(StrEnum):
    CSV = "csv"
    XLSX = "xlsx"
    NDJSON = "ndjson"


@filtered
def export(
    filters: Filters,
    output: Output,
    format_: Annotated[
        Format | None, typer.Option("--format", "-f", help="By default by the file's ending.")
    ] = None,
    column: Annotated[list[str] | None, typer.Option(help="Only these columns, in this order.")] = None,
    timezone: Annotated[str | None, typer.Option(help="Of the file's times; UTC by default.")] = None,
    summary: Annotated[
        bool, typer.Option("--summary", help="End CSV and NDJSON with a summary; workbooks have one.")
    ] = False,
    sort: Annotated[str, typer.Option(help="As `tasks list` sorts.")] = "-created",
    background: Annotated[
        bool, typer.Option("--background", help="Made on the server, then downloaded: for very many tasks.")
    ] = False,
    json: Json = False,
) -> None:
    """Writes exactly the filtered list in its order, however long. The file appears when it is whole."""
    with session() as api:
        if json and (not background or output == STDOUT):
            raise Mistake(
                "--json tells of the export, with --background and a file. Tasks as JSON: -f ndjson."
            )
        which = {**parameters_of(filters), "sort": sort}
        file_format = (format_ or _by_ending(output)).value
        how = {"columns": column, "timezone": timezone, "with_summary": summary, "format": file_format}
        if background:
            _make(api, which, how, output=output, json=json)
        else:
            download(api, "/tasks/export", {**which, **how}, output)


def fetch(
    operation_id: Annotated[str, typer.Argument(metavar="ID", help="The export's id.")], output: Output
) -> None:
    """Downloads the file of an export that was made in the background, once it is done."""
    with session() as api:
        download(api, f"/operations/{operation_id}/file", None, output)


def _make(api: Api, which: Mapping[str, Any], how: Mapping[str, Any], *, output: Path, json: bool) -> None:
    wanted = {name: value for name, value in how.items() if value is not None}
    begun = api.post("/tasks/export", {"filter": which, **wanted})
    operation_id = begun["operation"]["id"]
    ended = until_end(api, operation_id, then=f"operations fetch {operation_id} -o {output}")
    if ended["operation"]["state"] != "succeeded":
        raise Stop(f"There is no file. {outcome(ended['operation'])}")
    download(api, ended["operation"]["file"]["href"], None, output)
    if json:
        show_json(ended)


def _by_ending(output: Path) -> Format:
    try:
        return Format(output.suffix.removeprefix(".").lower())
    except ValueError:
        known = ", ".join(Format)
        raise Mistake(f"--format is missing, and {output} does not end as one of: {known}.") from None
