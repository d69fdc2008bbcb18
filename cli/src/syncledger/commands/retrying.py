"""`syncledger tasks retry`: one, some, or all that match."""

from typing import Annotated, Any

import typer

from syncledger.clients.api import Answer, Api
from syncledger.commands.following import follow
from syncledger.errors import Mistake
from syncledger.filters import Filters, filtered, parameters_of
from syncledger.printing import show_aside, show_json, span, tell
from syncledger.session import Json, Yes, agreed, session

Risk = Annotated[
    bool,
    typer.Option("--may-repeat-effects", help="Also tasks whose effect may have happened. Look first."),
]


@filtered
def retry(
    filters: Filters,
    ids: Annotated[list[str] | None, typer.Argument(metavar="[ID]...", help="Failed tasks.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")] = False,
    may_repeat_effects: Risk = False,
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help="Follow it until its end.")] = True,
    yes: Yes = False,
    json: Json = False,
) -> None:
    """Retries failed tasks as new ones: those that are named, or all that match the filters at this moment,
    beside live work. What it would do is shown first."""
    with session() as api:
        if ids and len(ids) == 1 and not dry_run and not filters:
            _show_one(_one(api, ids[0], may_repeat_effects=may_repeat_effects), json=json)
            return
        asked = {**_selection(ids, filters), "kind": "retry"}
        asked |= {"may_repeat_effects": True} if may_repeat_effects else {}
        planned = api.post("/operations", {**asked, "dry_run": True})
        if dry_run and json:
            show_json(planned)
            return
        plan = planned["plan"]
        _show_plan(plan, may_repeat_effects=may_repeat_effects)
        number = plan["safe"] + (plan["risky"] if may_repeat_effects else 0)
        if dry_run or not number:
            return
        agreed(f"Retry {number:,} tasks?", yes=yes)
        expected = {"expected": plan["matching"]} if plan["is_exact"] else {}
        begun = api.post("/operations", {**asked, **expected})
        follow(api, begun, wait=wait, json=json)


def _selection(ids: list[str] | None, filters: Filters) -> dict[str, Any]:
    if ids and filters:
        raise Mistake("Name tasks, or give filters, not both.")
    if not ids and not filters:
        raise Mistake("Say which: ids of tasks, or filters such as --error-kind. `--state failed` means all.")
    return {"ids": ids} if ids else {"filter": parameters_of(filters)}


def _one(api: Api, task_id: str, *, may_repeat_effects: bool) -> Answer:
    return api.post(f"/tasks/{task_id}/retry", {"may_repeat_effects": may_repeat_effects})


def _show_one(answer: Answer, *, json: bool) -> None:
    if json:
        show_json(answer)
        return
    tell(answer["message"])
    typer.echo(answer["task_id"])


def _show_plan(plan: dict[str, Any], *, may_repeat_effects: bool) -> None:
    about = "" if plan["is_exact"] else "more than "
    tell(
        f"{about}{plan['matching']:,} tasks match: {plan['safe']:,} can be retried safely, "
        f"{plan['risky']:,} may repeat an effect, {plan['left_alone']:,} are left alone. "
        f"That takes about {span(plan['seconds'])}."
    )
    rows = [("risk" if may_repeat_effects else "left: risk", one) for one in plan["at_risk"]]
    rows += [("left", one) for one in plan["not_done"]]
    if rows:
        show_aside(
            ("", "tasks", "type", "why"),
            ((word, one["count"], one["type"], one["message"]) for word, one in rows),
        )
    for account in plan["accounts"]:
        if account["problem"]:
            tell(f"{account['account']}: {account['problem']}", style="yellow")
