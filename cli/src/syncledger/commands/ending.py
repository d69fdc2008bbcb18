"""`syncledger tasks cancel` and `delete`: what waits does not begin, what is over goes for good."""

from typing import Annotated

import typer

from syncledger.commands.many import Deed, DryRun, Manner, Wait, do_to_many, selection, show_one
from syncledger.filters import Filters, filtered
from syncledger.session import Json, Yes, session


@filtered
def cancel(
    filters: Filters,
    ids: Annotated[list[str] | None, typer.Argument(metavar="[ID]...", help="Tasks that wait.")] = None,
    dry_run: DryRun = False,
    wait: Wait = True,
    yes: Yes = False,
    json: Json = False,
) -> None:
    """Cancels tasks that wait for their turn or their next attempt: those that are named, or all that match
    the filters at this moment. What it would do is shown first."""
    with session() as api:
        if ids and len(ids) == 1 and not dry_run and not filters:
            show_one(api.post(f"/tasks/{ids[0]}/cancel"), json=json)
            return
        do_to_many(
            api, selection(ids, filters), Deed("cancel", "cancelled"), Manner(dry_run, wait, yes, json)
        )


@filtered
def delete(
    filters: Filters,
    ids: Annotated[list[str] | None, typer.Argument(metavar="[ID]...", help="Tasks that are over.")] = None,
    dry_run: DryRun = False,
    wait: Wait = True,
    yes: Yes = False,
    json: Json = False,
) -> None:
    """Deletes tasks that are over, for good, with their timelines and data (role admin): those that are
    named, or all that match the filters at this moment. Their number is shown first, and typed to confirm."""
    deed = Deed("delete", "deleted", is_for_good=True)
    with session() as api:
        do_to_many(api, selection(ids, filters), deed, Manner(dry_run, wait, yes, json))
