"""`syncledger tokens`: who may use the API."""

from datetime import timedelta
from typing import Annotated

import typer

from syncledger.completing import shops
from syncledger.printing import now, show_json, show_table, tell, when
from syncledger.session import Json, Yes, agreed, session

tokens = typer.Typer(no_args_is_help=True, help="Make, list and revoke API tokens (role admin).")


@tokens.command("list")
def list_tokens(
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=500, help="So many.")] = 100,
    json: Json = False,
) -> None:
    """Lists tokens and persons, the newest first."""
    with session() as api:
        answer = api.get("/tokens", {"limit": limit})
    if json:
        show_json(answer)
        return
    columns = ("id", "name", "begins", "role", "shops", "state", "expires", "last used")
    show_table(
        columns,
        (
            (
                *(one["id"], one["name"], one["prefix"] or "(person)", one["role"]),
                "all" if one["shops"] is None else ", ".join(one["shops"]),
                *(one["state"], when(one["expires_at"]), when(one["last_used_at"])),
            )
            for one in answer["tokens"]
        ),
    )


@tokens.command()
def create(
    name: Annotated[str, typer.Option(help="Who or what uses it.")],
    role: Annotated[str, typer.Option(help="viewer, operator or admin.")],
    shop: Annotated[
        list[str] | None,
        typer.Option(help="It sees only these; repeatable. All you see by default.", autocompletion=shops),
    ] = None,
    expires_days: Annotated[int | None, typer.Option(min=1, help="Days until it expires.")] = None,
    json: Json = False,
) -> None:
    """Makes a token and prints it, this once."""
    body: dict[str, object] = {"name": name, "role": role}
    body |= {"shops": shop} if shop else {}
    if expires_days:
        body["expires_at"] = (now() + timedelta(days=expires_days)).isoformat()
    with session() as api:
        answer = api.post("/tokens", body)
    if json:
        show_json(answer)
    else:
        typer.echo(answer["secret"])
        tell(f"Token {answer['token']['id']}. It is not shown again.")


@tokens.command()
def revoke(
    token_id: Annotated[int, typer.Argument(metavar="ID", help="As `tokens list` shows it.")],
    yes: Yes = False,
    json: Json = False,
) -> None:
    """Ends a token for good, at once."""
    with session() as api:
        token = api.get(f"/tokens/{token_id}")["token"]
        agreed(f"Revoke {token['name']} ({token['role']})?", yes=yes)
        answer = api.post(f"/tokens/{token_id}/revoke")
    if json:
        show_json(answer)
    else:
        tell(f"{answer['token']['name']} is revoked.")
