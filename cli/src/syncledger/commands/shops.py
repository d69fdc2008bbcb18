"""`syncledger shops`: whose webhooks are taken."""

from typing import Annotated

import typer

from syncledger.printing import show_json, show_table, tell
from syncledger.session import Json, session

shops = typer.Typer(no_args_is_help=True, help="List and add shops.")


@shops.command("list")
def list_shops(json: Json = False) -> None:
    """Lists the shops your token sees."""
    with session() as api:
        answer = api.get("/shops")
    if json:
        show_json(answer)
        return
    rows = ((one["domain"], one["name"], one["timezone"], one["is_active"]) for one in answer["shops"])
    show_table(("domain", "name", "time zone", "active"), rows)


@shops.command()
def add(
    domain: Annotated[str, typer.Option(help="The shop's permanent domain, e.g. demo.myshopify.com.")],
    name: Annotated[str, typer.Option(help="What people call it.")],
    email: Annotated[str, typer.Option(help="Where its alerts go.")],
    webhook_secret: Annotated[
        str,
        typer.Option(
            envvar="WEBHOOK_SECRET", prompt=True, hide_input=True, help="What its webhooks are signed with."
        ),
    ],
    timezone: Annotated[str, typer.Option(help="IANA name, e.g. Europe/Stockholm.")] = "UTC",
    json: Json = False,
) -> None:
    """Adds a shop; a known one gets these particulars. The secret is better given in the environment."""
    body = {"domain": domain, "name": name, "email": email, "timezone": timezone}
    with session() as api:
        answer = api.post("/shops", {**body, "webhook_secret": webhook_secret})
    if json:
        show_json(answer)
    else:
        tell(f"Shop {answer['shop']['domain']} is {'added' if answer['is_new'] else 'up to date'}.")
