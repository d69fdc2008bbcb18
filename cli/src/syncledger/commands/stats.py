"""`syncledger stats`: counters of now, today and the last 24 hours."""

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from syncledger.completing import shops
from syncledger.printing import percent, show_json, show_table, tell_as_of
from syncledger.session import Json, session

COLUMNS = ("", "today", "succeeded 24 h", "failed 24 h", "errors", "queued", "processing", "retrying")


def stats(
    shop: Annotated[
        list[str] | None, typer.Option(help="A shop's domain; repeatable.", autocompletion=shops)
    ] = None,
    types: Annotated[bool, typer.Option("--types", help="By task type as well.")] = False,
    json: Json = False,
) -> None:
    """Shows how many tasks there are and how they end, of all the data there is."""
    with session() as api:
        answer = api.get("/stats", {"shop": shop})
    if json:
        show_json(answer)
        return
    named = [*answer["groups"], *(answer["types"] if types else ())]
    rows = [_row("all tasks", answer["all_tasks"]), *(_row(one["name"], one) for one in named)]
    show_table(COLUMNS, rows)
    tell_as_of(answer)


def _row(name: str, figures: Mapping[str, Any]) -> tuple[Any, ...]:
    counts = (figures["queued"], figures["processing"], figures["retrying"])
    ended = (figures["succeeded_24h"], figures["failed_24h"], percent(figures["error_rate_24h"]))
    return name, figures["today"], *ended, *counts
