"""Following an operation until its end."""

import time
from typing import Any

import typer
from rich.progress import Progress, TaskID

from syncledger.clients.api import Answer, Api
from syncledger.printing import items_bar, show_json, tell

LOOK_EVERY_S = 1.0
ENDS = frozenset({"succeeded", "aborted", "failed"})


def follow(api: Api, begun: Answer, *, wait: bool, json: bool) -> Answer:
    """Shows its progress, and at the end what became of it. Ends with 1 when it failed."""
    operation_id = begun["operation"]["id"]
    answer = until_end(api, operation_id, then=f"operations show {operation_id}") if wait else begun
    if json:
        show_json(answer)
    else:
        typer.echo(operation_id)
        if wait:
            tell(outcome(answer["operation"]))
    if answer["operation"]["state"] == "failed":
        raise typer.Exit(1)
    return answer


def until_end(api: Api, operation_id: str, *, then: str) -> Answer:
    """`then`: the command for somebody who does not wait for it."""
    try:
        with items_bar() as bar:
            shown = bar.add_task("queued", total=None)
            while True:
                answer = api.get(f"/operations/{operation_id}")
                _move(bar, shown, answer["operation"])
                if answer["operation"]["state"] in ENDS:
                    return answer
                time.sleep(LOOK_EVERY_S)
    except KeyboardInterrupt:
        tell(f"It goes on without you: syncledger {then}")
        raise


def outcome(operation: dict[str, Any]) -> str:
    """How it stands, in a sentence."""
    total = "" if operation["total"] is None else f" of {operation['total']:,}"
    words = f"{operation['state'].capitalize()}: {operation['done']:,}{total} done"
    for name, word in (("skipped", "left alone"), ("failed", "failed")):
        if operation[name]:
            words += f", {operation[name]:,} {word}"
    problem = operation["problem"]
    return f"{words}. {problem}" if problem else f"{words}."


def _move(bar: Progress, shown: TaskID, operation: dict[str, Any]) -> None:
    through = operation["done"] + operation["skipped"] + operation["failed"]
    bar.update(shown, completed=through, total=operation["total"], description=operation["state"])
