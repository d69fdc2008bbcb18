"""`query-api tokens`: who may read the log."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any

import typer
from rich.table import Table

from query_api.auth import Grant, Role, new_token
from query_api.commands.running import Mistake, console, note, run
from query_api.repository.audit import Deed, only_shop
from query_api.repository.shops import visible_shops
from query_api.repository.tokens import all_tokens, revoke, store_token
from shared.envelope import utc_now

tokens = typer.Typer(no_args_is_help=True, help="Make, list and revoke API tokens.")


@tokens.command()
def create(
    name: Annotated[str, typer.Option(help="Who or what uses it.")],
    role: Annotated[
        Role, typer.Option(help="viewer: properties; operator: data and actions; admin: everything.")
    ],
    shop: Annotated[
        list[str] | None, typer.Option(help="Domain of a shop it may see; repeatable. All by default.")
    ] = None,
    expires_days: Annotated[
        int | None, typer.Option(min=1, help="Days until it expires. Never by default.")
    ] = None,
) -> None:
    """Prints a new token, this once: only its hash is kept."""
    expires_at = utc_now() + timedelta(days=expires_days) if expires_days else None
    typer.echo(run(_create, name, role, shop or [], expires_at))


@tokens.command("list")
def list_tokens() -> None:
    """Shows every token by its first characters."""
    table = Table(
        "id", "name", "token", "role", "shops", "created", "expires", "last used", "state", box=None
    )
    for row in run(all_tokens):
        table.add_row(*_cells(row))
    console().print(table)


@tokens.command("revoke")
def revoke_token(token_id: Annotated[int, typer.Argument(help="The id that `tokens list` shows.")]) -> None:
    """Ends a token and every console session signed in with it, at once."""
    run(_revoke, token_id)
    typer.echo(f"Token {token_id} is revoked.")


async def _create(
    connection: Any, name: str, role: Role, domains: Sequence[str], expires_at: datetime | None
) -> str:
    if not name.strip():
        raise Mistake("--name is empty; say who or what uses the token.")
    shop_ids = tuple(await _ids(connection, domains)) if domains else None
    text = new_token()
    token_id = await store_token(connection, text, Grant(name.strip(), role, shop_ids, expires_at))
    detail = {"name": name.strip(), "role": role}
    await note(connection, Deed("token.create", only_shop(shop_ids), detail, subject=str(token_id)))
    return text


async def _ids(connection: Any, domains: Sequence[str]) -> list[int]:
    by_domain = {shop.domain: shop.id for shop in await visible_shops(connection, None)}
    unknown = [domain for domain in domains if domain.lower() not in by_domain]
    if unknown:
        raise Mistake(f"There is no shop {unknown[0]}. `query-api shops list` shows those there are.")
    return sorted({by_domain[domain.lower()] for domain in domains})


async def _revoke(connection: Any, token_id: int) -> None:
    if not await revoke(connection, token_id):
        raise Mistake(f"There is no token {token_id}. `query-api tokens list` shows those there are.")
    await note(connection, Deed("token.revoke", None, {}, subject=str(token_id)))


def _cells(row: dict[str, Any]) -> list[str]:
    shops = "all" if row["is_for_all_shops"] else ", ".join(row["shops"] or [])
    moments = [_day(row[name]) for name in ("created_at", "expires_at", "last_used_at")]
    return [
        str(row["id"]),
        row["name"],
        f"{row['prefix']}…",
        row["role"],
        shops,
        *moments,
        _state(row, utc_now()),
    ]


def _state(row: dict[str, Any], now: datetime) -> str:
    if row["revoked_at"] is not None:
        return "revoked"
    return "expired" if row["expires_at"] is not None and row["expires_at"] <= now else "good"


def _day(moment: datetime | None) -> str:
    return "—" if moment is None else moment.strftime("%Y-%m-%d %H:%M")
