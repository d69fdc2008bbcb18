"""`syncledger connections`: how the other systems are."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

import typer

from syncledger.completing import shops
from syncledger.printing import percent, show_json, show_table, tell_as_of, when
from syncledger.session import Json, session

COLUMNS = ("shop", "account", "part", "status", "errors", "p95", "why", "last call")


def connections(
    shop: Annotated[
        list[str] | None, typer.Option(help="A shop's domain; repeatable.", autocompletion=shops)
    ] = None,
    trouble: Annotated[bool, typer.Option("--trouble", help="Only what is yellow or red.")] = False,
    json: Json = False,
) -> None:
    """Shows the health of each account's connection, part by part."""
    with session() as api:
        answer = api.get("/connections", {"shop": shop})
    if json:
        show_json(answer)
        return
    rows = (row for one in answer["connections"] for row in _rows(one, only_trouble=trouble))
    show_table(COLUMNS, rows)
    tell_as_of(answer)


def _rows(connection: Mapping[str, Any], *, only_trouble: bool) -> Iterator[tuple[Any, ...]]:
    name = f"{connection['kind']} {connection['name']}"
    for part in connection["parts"]:
        if only_trouble and part["status"] not in ("yellow", "red"):
            continue
        p95 = "–" if part["p95_ms"] is None else f"{part['p95_ms']:.0f} ms"
        figures = (percent(part["error_rate"]), p95, connection["problem"] or part["reason"])
        yield connection["shop"], name, part["category"], part["status"], *figures, when(part["last_call_at"])
