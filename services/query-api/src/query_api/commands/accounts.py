"""`query-api accounts`: the systems shops are connected to."""

import json
from collections.abc import Sequence
from typing import Annotated, Any
from urllib.parse import urlsplit

import typer

from query_api.commands.running import Mistake, run, told, vault
from query_api.repository.administration import AccountParticulars, put_account, shop_id_of
from shared.vault import Vault

accounts = typer.Typer(no_args_is_help=True, help="Connect shops to other systems.")

_JSON_STARTS = ("{", "[", "true", "false", "null")


@accounts.callback()
def _group() -> None:
    """Keeps `add` a command of its own."""


@accounts.command()
def add(  # noqa: PLR0913, PLR0917  one parameter per option
    shop: Annotated[str, typer.Option(help="The shop's domain.")],
    kind: Annotated[str, typer.Option(help="Which system, e.g. engage.")],
    name: Annotated[str, typer.Option(help="What people call the account.")],
    base_url: Annotated[str, typer.Option(help="Address of its API.")],
    api_key: Annotated[str, typer.Option(envvar="ACCOUNT_API_KEY", help="Its API key; stored sealed.")],
    setting: Annotated[
        list[str] | None,
        typer.Option(help="KEY=VALUE, repeatable; lists, objects, true and false are read as JSON."),
    ] = None,
) -> None:
    """Connects a shop to a system. A known account gets these particulars and its problem is taken back."""
    with told():
        particulars = AccountParticulars(
            kind=kind.strip().lower(),
            name=name.strip(),
            base_url=_address(base_url),
            credentials={"api_key": api_key.strip()},
            settings=dict(_setting(text) for text in setting or ()),
        )
        _require_filled(particulars, api_key)
        account_id = run(_put, vault(), shop.strip().lower(), particulars)
    typer.echo(f"Account {account_id} ({particulars.kind} {particulars.name}) of {shop} is ready.")


async def _put(connection: Any, keys: Vault, domain: str, particulars: AccountParticulars) -> int:
    shop_id = await shop_id_of(connection, domain)
    if shop_id is None:
        raise Mistake(f"There is no shop {domain}. `query-api shops list` shows those there are.")
    return await put_account(connection, keys, shop_id, particulars)


def _require_filled(particulars: AccountParticulars, api_key: str) -> None:
    values: Sequence[tuple[str, str]] = (
        ("--kind", particulars.kind),
        ("--name", particulars.name),
        ("--api-key", api_key.strip()),
    )
    for option, value in values:
        if not value:
            raise Mistake(f"{option} is empty.")


def _address(text: str) -> str:
    parts = urlsplit(text.strip())
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise Mistake(f"--base-url {text!r} is no address; it looks like https://host or http://host:port.")
    return text.strip().rstrip("/")


def _setting(text: str) -> tuple[str, Any]:
    name, is_given, value = text.partition("=")
    if not is_given or not name.strip():
        raise Mistake(f"--setting {text!r} is not KEY=VALUE.")
    if not value.startswith(_JSON_STARTS):
        return name.strip(), value
    try:
        return name.strip(), json.loads(value)
    except ValueError as error:
        raise Mistake(f"--setting {name}: the value begins like JSON but is none: {error}") from error
