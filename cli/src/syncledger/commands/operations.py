"""`syncledger operations`: work over many tasks, seen and steered."""

from collections.abc import Callable
from typing import Annotated

import typer

from syncledger.commands.exporting import fetch
from syncledger.commands.following import follow, outcome
from syncledger.printing import show_facts, show_json, show_table, span, tell, when
from syncledger.session import Json, session

operations = typer.Typer(
    no_args_is_help=True, help="Work over many tasks: list, show, wait, fetch, pause, resume, abort."
)

OperationId = Annotated[str, typer.Argument(metavar="ID", help="The operation's id.")]


@operations.command("list")
def list_operations(
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=500, help="So many.")] = 20,
    json: Json = False,
) -> None:
    """Lists operations, the newest first."""
    with session() as api:
        answer = api.get("/operations", {"limit": limit})
    if json:
        show_json(answer)
        return
    columns = ("created", "kind", "state", "done", "total", "left alone", "failed", "by", "id")
    show_table(
        columns,
        (
            (
                *(when(one["created_at"]), one["kind"], one["state"], one["done"], one["total"]),
                *(one["skipped"], one["failed"], one["requested_by"], one["id"]),
            )
            for one in answer["operations"]
        ),
    )


@operations.command()
def show(operation_id: OperationId, json: Json = False) -> None:
    """Shows how far an operation has come."""
    with session() as api:
        answer = api.get(f"/operations/{operation_id}")
    if json:
        show_json(answer)
        return
    one = answer["operation"]
    show_facts(
        {
            "operation": one["id"],
            "kind": one["kind"],
            "asked for": f"{when(one['created_at'])} by {one['requested_by']}",
            "stands": outcome(one),
            "left": span(one["seconds_left"]) if one["seconds_left"] is not None else None,
        }
    )
    for left in one["skipped_tasks"]:
        typer.echo(f"{left['count']:,} left alone: {left['message']}")


@operations.command()
def wait(operation_id: OperationId, json: Json = False) -> None:
    """Follows an operation until its end."""
    with session() as api:
        follow(api, api.get(f"/operations/{operation_id}"), wait=True, json=json)


def _steering(verb: str, text: str) -> Callable[..., None]:
    def steer(operation_id: OperationId, json: Json = False) -> None:
        with session() as api:
            answer = api.post(f"/operations/{operation_id}/{verb}")
        if json:
            show_json(answer)
        else:
            tell(outcome(answer["operation"]))

    steer.__doc__ = text
    return steer


operations.command()(fetch)
operations.command("pause")(_steering("pause", "Stops an operation behind what is under way."))
operations.command("resume")(_steering("resume", "Lets a paused operation go on."))
operations.command("abort")(_steering("abort", "Ends an operation; what is done stays done."))
