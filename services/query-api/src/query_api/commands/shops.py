"""`query-api shops`: whose webhooks are taken."""

from collections.abc import Mapping
from typing import Annotated, Any
from zoneinfo import available_timezones

import typer
from rich.table import Table

from query_api.commands.running import Mistake, console, note, run, told, vault
from query_api.repository.administration import (
    ShopParticulars,
    put_shop,
    rotate_secret,
    shop_id_of,
    shop_listing,
)
from query_api.repository.audit import Deed
from shared.vault import Vault

shops = typer.Typer(no_args_is_help=True, help="Add and list shops, change the secret of their webhooks.")

Domain = Annotated[str, typer.Option(help="The shop's permanent domain, e.g. demo.myshopify.com.")]
Secret = Annotated[str, typer.Option(envvar="WEBHOOK_SECRET", help="What its webhooks are signed with.")]


@shops.command()
def add(
    domain: Domain,
    name: Annotated[str, typer.Option(help="What people call it.")],
    email: Annotated[str, typer.Option(help="Where its alerts go.")],
    webhook_secret: Secret,
    timezone: Annotated[str, typer.Option(help="IANA name, e.g. Europe/Stockholm.")] = "UTC",
) -> None:
    """Adds a shop. A known one gets these particulars, and the secret is accepted too if it is a new one."""
    with told():
        particulars = ShopParticulars(
            _domain(domain), _filled("--name", name), _email(email), _timezone(timezone)
        )
        secret = _filled("--webhook-secret", webhook_secret)
        is_new = run(_put, vault(), particulars, secret)
    typer.echo(f"Shop {particulars.domain} is {'added' if is_new else 'up to date'}.")


@shops.command("list")
def list_shops() -> None:
    """Shows every shop."""
    table = Table("id", "domain", "name", "e-mail", "time zone", "active", "secrets", box=None)
    for row in run(shop_listing):
        table.add_row(
            *(
                str(row[name])
                for name in ("id", "domain", "name", "email", "timezone", "is_active", "secrets")
            )
        )
    console().print(table)


@shops.command("rotate-secret")
def rotate(
    domain: Domain,
    webhook_secret: Secret,
    forget_old: Annotated[bool, typer.Option(help="Accept only this secret from now on.")] = False,
) -> None:
    """Puts a new webhook secret first. Older ones stay good until --forget-old, so no delivery is refused."""
    with told():
        secret = _filled("--webhook-secret", webhook_secret)
        count = run(_rotate, vault(), _domain(domain), secret, keeps_old=not forget_old)
        if count is None:
            raise Mistake(f"There is no shop {domain}. `query-api shops list` shows those there are.")
    typer.echo(f"Shop {domain} accepts {count} {'secret' if count == 1 else 'secrets'} now.")


async def _put(connection: Any, keys: Vault, particulars: ShopParticulars, secret: str) -> bool:
    is_new = await put_shop(connection, keys, particulars, secret=secret)
    await _note(connection, "shop.put", particulars.domain, {"new": is_new})
    return is_new


async def _rotate(connection: Any, keys: Vault, domain: str, secret: str, *, keeps_old: bool) -> int | None:
    count = await rotate_secret(connection, keys, domain, secret=secret, keeps_old=keeps_old)
    if count is not None:
        await _note(connection, "shop.rotate-secret", domain, {"keeps_old": keeps_old})
    return count


async def _note(connection: Any, action: str, domain: str, detail: Mapping[str, Any]) -> None:
    await note(connection, Deed(action, await shop_id_of(connection, domain), detail))


def _domain(text: str) -> str:
    domain = text.strip().lower()
    if not domain or "/" in domain or "." not in domain:
        raise Mistake(f"--domain {text!r} is no domain; it looks like demo.myshopify.com, without https://.")
    return domain


def _email(text: str) -> str:
    local, _, host = text.strip().partition("@")
    if not local or "." not in host:
        raise Mistake(f"--email {text!r} is no e-mail address.")
    return text.strip()


def _timezone(name: str) -> str:
    if name not in available_timezones():
        raise Mistake(f"--timezone {name!r} is no IANA time zone; an example of one is Europe/Stockholm.")
    return name


def _filled(option: str, text: str) -> str:
    if not text.strip():
        raise Mistake(f"{option} is empty.")
    return text.strip()
