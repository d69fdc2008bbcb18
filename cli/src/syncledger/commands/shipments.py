"""`syncledger shipments`: what shops and marketplaces are told of."""

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from syncledger.clients.api import Answer, Api
from syncledger.completing import shops
from syncledger.errors import Mistake
from syncledger.moments import moment
from syncledger.printing import items_bar, now, show_json, show_table, span, tell, tell_as_of, when
from syncledger.session import Json, Yes, agreed, session

shipments = typer.Typer(no_args_is_help=True, help="List shipments, and synchronise failed ones again.")

States = Annotated[
    list[str] | None, typer.Option("--state", "-s", help="pending, synced, failed; repeatable.")
]
Shops = Annotated[
    list[str] | None, typer.Option("--shop", help="A shop's domain; repeatable.", autocompletion=shops)
]
Accounts = Annotated[list[str] | None, typer.Option("--account", help="An account's id; repeatable.")]
Since = Annotated[str | None, typer.Option("--since", help="Created since: 2h (ago), or a date.")]
COLUMNS = ("created", "state", "order", "account", "carrier", "tracking", "units", "error", "id")


@shipments.command("list")
def list_shipments(
    state: States = None,
    shop: Shops = None,
    account: Accounts = None,
    order: Annotated[str | None, typer.Option(help="Order number.")] = None,
    tracking: Annotated[str | None, typer.Option(help="Tracking number.")] = None,
    since: Since = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=500, help="So many.")] = 50,
    json: Json = False,
) -> None:
    """Lists shipments, one line for each package, the newest first."""
    with session() as api:
        asked = _filter(state, shop, account, since)
        asked |= {"order_number": order, "tracking_number": tracking, "limit": limit}
        answer = api.get("/shipments", asked)
    if json:
        show_json(answer)
        return
    show_table(COLUMNS, (_row(one) for one in answer["shipments"]))
    if answer["next"] is not None:
        tell("There are more; --limit shows up to 500.", style="dim")
    tell_as_of(answer)


@shipments.command()
def sync(
    ids: Annotated[list[str] | None, typer.Argument(metavar="[ID]...", help="Shipments.")] = None,
    shop: Shops = None,
    account: Accounts = None,
    since: Since = None,
    every: Annotated[bool, typer.Option("--all", help="All failed ones this token may see.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be started.")] = False,
    yes: Yes = False,
    json: Json = False,
) -> None:
    """Starts failed shipments anew: those that are named, or all failed ones that match. What is synchronised
    or under way is left alone."""
    with session() as api:
        asked = _selection(
            ids, {"shop": shop, "account_id": account, "created_from": _moment(since)}, every=every
        )
        plan = api.post("/shipments/sync", {**asked, "dry_run": True})
        if dry_run and json:
            show_json(plan)
            return
        _show_plan(plan)
        if dry_run or not plan["to_start"]:
            return
        agreed(f"Start {plan['to_start']:,} shipments?", yes=yes)
        _start(api, asked, plan["to_start"], json=json)


def _selection(ids: list[str] | None, wanted: Mapping[str, Any], *, every: bool) -> dict[str, Any]:
    found = {name: value for name, value in wanted.items() if value}
    if ids and (found or every):
        raise Mistake("Name shipments, or say which failed ones, not both.")
    if not (ids or found or every):
        raise Mistake("Say which: ids of shipments, --shop, --account, --since, or --all failed ones.")
    return {"ids": ids} if ids else {"filter": {"state": ["failed"], **found}}


def _start(api: Api, asked: Mapping[str, Any], total: int, *, json: bool) -> None:
    """Request after request, each with the place where the one before came to."""
    started, cursor = 0, None
    with items_bar() as bar:
        shown = bar.add_task("starting", total=total)
        while True:
            answer = api.post("/shipments/sync", {**asked, **({"cursor": cursor} if cursor else {})})
            if json:
                show_json(answer)
            started += len(answer["started"])
            bar.update(shown, completed=started)
            if (cursor := answer["next"]) is None:
                break
    tell(f"{started:,} shipments were started; `syncledger shipments list` shows how they go.")


def _show_plan(plan: Answer) -> None:
    about = "" if plan["is_exact"] else "more than "
    tell(
        f"{about}{plan['matching']:,} are meant, {plan['to_start']:,} can be started: "
        f"that takes about {span(plan['seconds'])}."
    )
    for left in plan["not_started"]:
        tell(f"{left['count']:,} left alone: {left['message']}")
    for account in plan["accounts"]:
        if account["problem"]:
            tell(f"{account['account']}: {account['problem']}", style="yellow")


def _filter(
    state: list[str] | None, shop: list[str] | None, account: list[str] | None, since: str | None
) -> dict[str, Any]:
    return {"state": state, "shop": shop, "account_id": account, "created_from": _moment(since)}


def _moment(text: str | None) -> str | None:
    return None if text is None else moment(text, now())


def _row(one: Mapping[str, Any]) -> tuple[Any, ...]:
    return (
        when(one["created_at"]),
        one["state"],
        one["order_number"] or one["order_id"],
        one["account"],
        one["carrier"],
        ", ".join(one["tracking_numbers"]),
        one["quantity"],
        one["error_message"],
        one["id"],
    )
