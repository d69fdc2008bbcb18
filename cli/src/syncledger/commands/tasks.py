"""`syncledger tasks`: list, show, watch; what acts and writes files has modules of its own."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

import typer

from syncledger.clients.api import Answer
from syncledger.clients.events import Event, Events
from syncledger.commands.ending import cancel, delete
from syncledger.commands.exporting import export
from syncledger.commands.retrying import retry
from syncledger.filters import Filters, filtered, parameters_of
from syncledger.printing import (
    duration,
    show_facts,
    show_json,
    show_table,
    tell,
    tell_as_of,
    when,
)
from syncledger.session import Json, session

tasks = typer.Typer(no_args_is_help=True, help="List, show, watch, retry, cancel, delete and export tasks.")

MOST_IN_A_PAGE = 500
COLUMNS = ("created", "type", "state", "order", "account", "shop", "duration", "error", "id")


@filtered
def list_tasks(
    filters: Filters,
    sort: Annotated[
        str,
        typer.Option(help="created, started, completed, duration, attempts or type; `-` for from the top."),
    ] = "-created",
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="So many tasks.")] = 50,
    every: Annotated[bool, typer.Option("--all", help="All pages.")] = False,
    count: Annotated[bool, typer.Option("--count", help="Only how many there are.")] = False,
    json: Json = False,
) -> None:
    """Lists tasks, the newest first."""
    with session() as api:
        asked = parameters_of(filters)
        if count:
            _show_count(api.get("/tasks/count", asked), json=json)
            return
        size = MOST_IN_A_PAGE if every else min(limit, MOST_IN_A_PAGE)
        pages = api.pages("/tasks", {**asked, "sort": sort, "limit": size})
        _show_pages(_enough(pages, None if every else limit), json=json)


def show(
    task_id: Annotated[str, typer.Argument(metavar="ID", help="The task's id.")], json: Json = False
) -> None:
    """Shows all of one task: its error with what to do about it, its transitions, what it caused."""
    with session() as api:
        answer = api.get(f"/tasks/{task_id}")
        events = api.get(f"/tasks/{task_id}/events")
    if json:
        show_json(answer)
        return
    task = answer["task"]
    show_facts(_facts(task))
    if task["error"] is not None:
        typer.echo()
        show_facts(_error(task["error"]))
    typer.echo()
    show_table(("at", "state", "attempt", "service"), (_transition(event) for event in events["events"]))
    related = {"caused": task["follow_ups"], "retried by": task["retries"]}
    for name, found in related.items():
        for one in found:
            typer.echo(f"{name} {one['type']} {one['id']} ({one['state']})")
    tell_as_of(answer)


@filtered
def watch(
    filters: Filters,
    seconds: Annotated[int | None, typer.Option(min=0, help="End after so long.")] = None,
    json: Annotated[bool, typer.Option("--json", help="One JSON document a line.")] = False,
) -> None:
    """Shows transitions as they happen, until Ctrl-C. When the connection breaks off, none is left out."""
    with session() as api:
        asked = {**parameters_of(filters), "seconds": seconds, "event": "transition"}
        for event in Events(api, asked):
            _show_event(event, json=json)


def _show_event(event: Event, *, json: bool) -> None:
    if event.name == "transition" and json:
        typer.echo(event.text)
    elif event.name == "transition":
        task, said = event.data["task"], event.data
        error = f"  {task['error_message']}" if task["error_message"] else ""
        order = f"  {task['order_number']}" if task["order_number"] else ""
        typer.echo(
            f"{when(said['occurred_at'])}  {said['state']:10}  {task['type']}{order}  {task['id']}{error}"
        )
    elif event.name == "ready":
        tell("Listening. Ctrl-C ends it.", style="dim")
    elif event.name == "end" and event.data["reason"] != "time-is-up":
        tell(event.data["detail"], style="yellow")


def _show_count(answer: Answer, *, json: bool) -> None:
    if json:
        show_json(answer)
    else:
        typer.echo(answer["words"])


def _show_pages(pages: Iterator[tuple[Answer, int]], *, json: bool) -> None:
    for page, wanted in pages:
        if json:
            show_json(page)
        else:
            show_table(COLUMNS, (_row(task) for task in page["tasks"][:wanted]))
            if page.body["next"] is not None and len(page["tasks"]) == wanted:
                tell("There are more; --all shows them, --limit so many.", style="dim")
            tell_as_of(page)


def _enough(pages: Iterator[Answer], limit: int | None) -> Iterator[tuple[Answer, int]]:
    """The pages with how many of their tasks are meant."""
    left = limit
    for page in pages:
        wanted = len(page["tasks"]) if left is None else min(left, len(page["tasks"]))
        yield page, wanted
        if left is not None and (left := left - wanted) <= 0:
            return


def _row(task: Mapping[str, Any]) -> tuple[Any, ...]:
    return (
        when(task["created_at"]),
        task["type"],
        _state(task),
        task["order_number"],
        task["account"],
        task["shop"],
        duration(task["duration_ms"]),
        task["error_kind"],
        task["id"],
    )


def _state(task: Mapping[str, Any]) -> str:
    if task["attempt"] <= 1:
        return str(task["state"])
    return f"{task['state']} ({task['attempt']}/{task['max_attempts']})"


def _facts(task: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "task": task["id"],
        "type": f"{task['type']}: {task['description']}",
        "state": _state(task),
        "shop": task["shop"],
        "account": task["account"],
        "order": task["order_number"],
        "source id": task["source_id"],
        "target id": task["target_id"],
        "created": when(task["created_at"]),
        "started": when(task["started_at"]),
        "completed": when(task["completed_at"]),
        "duration": duration(task["duration_ms"]),
        "items": _items(task),
        "note": task["note"],
        "caused by": task["parent"] and task["parent"]["id"],
        "retry of": task["retry_of"],
    }


def _error(error: Mapping[str, Any]) -> dict[str, Any]:
    withheld = "not shown: for the roles operator and admin" if error["is_withheld"] else None
    return {
        "error": error["message"],
        "answer": error["response_excerpt"] or withheld,
        "what to do": error["remedy"],
    }


def _items(task: Mapping[str, Any]) -> str | None:
    if task["items_processed"] is None:
        return None
    failed = f", {task['items_failed']} failed" if task["items_failed"] else ""
    return f"{task['items_processed']} of {task['items_total'] or '?'}{failed}"


def _transition(event: Mapping[str, Any]) -> tuple[Any, ...]:
    return when(event["occurred_at"]), event["state"], event["attempt"], event["service"]


tasks.command("list")(list_tasks)
tasks.command()(show)
tasks.command()(watch)
tasks.command()(retry)
tasks.command()(cancel)
tasks.command()(delete)
tasks.command()(export)
