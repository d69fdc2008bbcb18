"""`syncledger tasks retry`: one, some, or all that match."""

from collections.abc import Mapping
from typing import Annotated

import typer

from syncledger.clients.api import Answer, Api
from syncledger.commands.many import Deed, DryRun, Manner, Wait, do_to_many, selection, show_one
from syncledger.errors import Refused
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
            show_one(_retried(api, ids[0], options), json=json)
            return
        deed = Deed("retry", "retried safely", options)
        do_to_many(api, selection(ids, filters), deed, Manner(dry_run, wait, yes, json))


def _retried(api: Api, task_id: str, options: Mapping[str, bool]) -> Answer:
    try:
        return api.post(f"/tasks/{task_id}/retry", options)
    except Refused as refused:
        if "may_repeat_effects" in str(refused):
            raise Refused(f"{refused} Here that is --may-repeat-effects.", refused.status) from refused
        raise
