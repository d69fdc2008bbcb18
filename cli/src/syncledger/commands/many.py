"""Something is done to many tasks: its plan is shown, somebody agrees, its progress is followed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

import typer

from syncledger.clients.api import Answer, Api
from syncledger.commands.following import follow
from syncledger.errors import Mistake
from syncledger.filters import Filters, parameters_of
from syncledger.printing import show_aside, show_json, span, tell
from syncledger.session import agreed, agreed_by_number

DryRun = Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")]
Wait = Annotated[bool, typer.Option("--wait/--no-wait", help="Follow it until its end.")]


@dataclass(frozen=True, slots=True)
class Deed:
    """`kind`: of the operation; `can`: what the plan says of those it can be done to; `is_for_good`: nobody
    can undo it, so its number is confirmed by typing it."""

    kind: str
    can: str
    options: Mapping[str, Any] = field(default_factory=dict)
    is_for_good: bool = False

    @property
    def takes_risks(self) -> bool:
        return bool(self.options.get("may_repeat_effects"))


@dataclass(frozen=True, slots=True)
class Manner:
    """What was said about how to go on."""

    dry_run: bool
    wait: bool
    yes: bool
    json: bool


def selection(ids: list[str] | None, filters: Filters) -> dict[str, Any]:
    """Raises Mistake unless it is clear which tasks are meant."""
    if ids and filters:
        raise Mistake("Name tasks, or give filters, not both.")
    if not ids and not filters:
        raise Mistake(
            "Say which: ids of tasks, or filters such as --error-kind, or --state for all in a state."
        )
    return {"ids": ids} if ids else {"filter": parameters_of(filters)}


def do_to_many(api: Api, which: Mapping[str, Any], deed: Deed, manner: Manner) -> None:
    """`which`: a selection. Ends with 1 when somebody declines, or when it failed."""
    asked = {**which, "kind": deed.kind, **deed.options}
    planned = api.post("/operations", {**asked, "dry_run": True})
    plan = planned["plan"]
    number = plan["safe"] + (plan["risky"] if deed.takes_risks else 0)
    if manner.json and (manner.dry_run or not number):
        show_json(planned)
        return
    _show_plan(plan, deed)
    if manner.dry_run or not number:
        return
    expected = _expected(plan, deed)
    _agree(deed, number, yes=manner.yes)
    follow(api, api.post("/operations", {**asked, **expected}), wait=manner.wait, json=manner.json)


def show_one(answer: Answer, *, json: bool) -> None:
    """What became of a deed that was about one task."""
    if json:
        show_json(answer)
        return
    tell(answer["message"])
    typer.echo(answer["task_id"])


def _expected(plan: Mapping[str, Any], deed: Deed) -> dict[str, int]:
    """What is deleted is confirmed by its number, so that has to be known."""
    if plan["is_exact"]:
        return {"expected": plan["matching"]}
    if deed.is_for_good:
        raise Mistake("More match than can be counted at once. Narrow the filters, for example by --until.")
    return {}


def _agree(deed: Deed, number: int, *, yes: bool) -> None:
    if deed.is_for_good:
        question = f"Nobody can bring them back. To {deed.kind} {_tasks(number)}, type the number"
        agreed_by_number(question, number, yes=yes)
    else:
        agreed(f"{deed.kind.capitalize()} {_tasks(number)}?", yes=yes)


def _tasks(number: int) -> str:
    return "1 task" if number == 1 else f"{number:,} tasks"


def _show_plan(plan: Mapping[str, Any], deed: Deed) -> None:
    about = "" if plan["is_exact"] else "more than "
    risky = f"{plan['risky']:,} may repeat an effect, " if deed.kind == "retry" else ""
    tell(
        f"Of {about}{_tasks(plan['matching'])}, {plan['safe']:,} can be {deed.can}, {risky}"
        f"{plan['left_alone']:,} are left alone. That takes about {span(plan['seconds'])}."
    )
    rows = [("risk" if deed.takes_risks else "left: risk", one) for one in plan["at_risk"]]
    rows += [("left", one) for one in plan["not_done"]]
    if rows:
        show_aside(
            ("", "tasks", "type", "why"),
            ((word, one["count"], one["type"], one["message"]) for word, one in rows),
        )
    for account in plan["accounts"]:
        if account["problem"]:
            tell(f"{account['account']}: {account['problem']}", style="yellow")
