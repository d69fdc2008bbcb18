"""`syncledger tasks retry`: one, some, or all that match."""

from typing import Annotated

import typer

from syncledger.commands.many import Deed, DryRun, Manner, Wait, do_to_many, selection, show_one
from syncledger.filters import Filters, filtered
from syncledger.session import Json, Yes, session

Risk = Annotated[
    bool,
    typer.Option("--may-repeat-effects", help="Also tasks whose effect may have happened. Look first."),
]


@filtered
def retry(
    filters: Filters,
    ids: Annotated[
        list[str] | None, typer.Argument(metavar="[ID]...", help="Tasks that failed, or were cancelled.")
    ] = None,
    dry_run: DryRun = False,
    may_repeat_effects: Risk = False,
    wait: Wait = True,
    yes: Yes = False,
    json: Json = False,
) -> None:
    """Retries failed tasks as new ones: those that are named, or all that match the filters at this moment,
    beside live work; cancelled ones with `--state cancelled`. What it would do is shown first."""
    options = {"may_repeat_effects": True} if may_repeat_effects else {}
    with session() as api:
        if ids and len(ids) == 1 and not dry_run and not filters:
            show_one(api.post(f"/tasks/{ids[0]}/retry", options), json=json)
            return
        deed = Deed("retry", "retried safely", options)
        do_to_many(api, selection(ids, filters), deed, Manner(dry_run, wait, yes, json))
