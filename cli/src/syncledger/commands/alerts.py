"""`syncledger alerts`: what is not as it should be, and who cares."""

from typing import Annotated

import typer

from syncledger.completing import shops
from syncledger.printing import show_facts, show_json, show_table, tell, when
from syncledger.session import Json, session

alerts = typer.Typer(help="Show alerts, acknowledge and mute them.")

AlertId = Annotated[str, typer.Argument(metavar="ID", help="The alert's id.")]
Note = Annotated[str | None, typer.Option(help="Why; others see it.")]


@alerts.callback(invoke_without_command=True)
def _firing(context: typer.Context, json: Json = False) -> None:
    """Without a command: those that fire."""
    if context.invoked_subcommand is None:
        list_alerts(state=["firing"], json=json)


@alerts.command("list")
def list_alerts(
    state: Annotated[
        list[str] | None, typer.Option("--state", "-s", help="pending, firing, resolved; repeatable.")
    ] = None,
    shop: Annotated[
        list[str] | None, typer.Option(help="A shop's domain; repeatable.", autocompletion=shops)
    ] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=500, help="So many.")] = 50,
    json: Json = False,
) -> None:
    """Lists alerts, those noticed last first."""
    with session() as api:
        answer = api.get("/alerts", {"state": state, "shop": shop, "limit": limit})
    if json:
        show_json(answer)
        return
    columns = ("began", "state", "severity", "shop", "what", "acknowledged by", "id")
    show_table(
        columns,
        (
            (
                *(when(one["began_at"]), one["state"], one["severity"], one["shop"], one["title"]),
                *(one["acknowledged"] and one["acknowledged"]["by"], one["id"]),
            )
            for one in answer["alerts"]
        ),
    )
    counts = answer["counts"]
    tell(
        f"{counts['firing']} firing, {counts['unacknowledged']} of them not acknowledged; "
        f"evaluated {when(answer['evaluated_at'])}",
        style="dim",
    )


@alerts.command()
def show(alert_id: AlertId, json: Json = False) -> None:
    """Shows one alert with its figures and what to do."""
    with session() as api:
        answer = api.get(f"/alerts/{alert_id}")
    if json:
        show_json(answer)
        return
    one = answer["alert"]
    show_facts(
        {
            "alert": one["title"],
            "state": one["state"],
            "severity": one["severity"],
            "shop": one["shop"],
            "began": when(one["began_at"]),
            "what happened": one["explanation"],
            "what to do": one["remedy"],
            "acknowledged": one["acknowledged"]
            and f"{one['acknowledged']['by']}: {one['acknowledged']['note']}",
            "muted until": one["mute"] and when(one["mute"]["until"]),
        }
    )
    typer.echo()
    show_table(("at", "event", "by"), ((when(e["at"]), e["event"], e["by"]) for e in one["history"]))


@alerts.command()
def acknowledge(alert_id: AlertId, note: Note = None, json: Json = False) -> None:
    """Says that you care: nobody is reminded any more."""
    _do(alert_id, "acknowledge", {"note": note} if note else {}, json=json)


@alerts.command()
def mute(
    alert_id: AlertId,
    minutes: Annotated[int, typer.Option(min=1, help="For so long.")] = 60,
    note: Note = None,
    json: Json = False,
) -> None:
    """Nothing is told of it for a while."""
    _do(alert_id, "mute", {"minutes": minutes, **({"note": note} if note else {})}, json=json)


@alerts.command()
def unmute(alert_id: AlertId, json: Json = False) -> None:
    """People are told again."""
    _do(alert_id, "unmute", {}, json=json)


def _do(alert_id: str, verb: str, body: dict[str, object], *, json: bool) -> None:
    with session() as api:
        answer = api.post(f"/alerts/{alert_id}/{verb}", body)
    if json:
        show_json(answer)
    else:
        tell(f"Done: {answer['alert']['title']}")
