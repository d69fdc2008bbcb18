"""`query-api accounts`: the systems shops are connected to."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from query_api.account_kinds import KINDS, WEBHOOK_SECRET, Kind, Unusable, address_fault, kind_of, usable
from query_api.commands.running import Mistake, note, run, told, vault
from query_api.repository.administration import AccountParticulars, put_account, shop_id_of
from query_api.repository.audit import Deed
from shared.vault import Vault

accounts = typer.Typer(no_args_is_help=True, help="Connect shops to other systems.")

_JSON_STARTS = ("{", "[", "true", "false", "null")


def _secret(name: str, text: str) -> Any:
    """An option that is better given in the environment, where no list of processes shows it."""
    return typer.Option(envvar=f"ACCOUNT_{name}", help=f"{text}; stored sealed, as all secrets.")


BaseUrl = Annotated[
    str | None, typer.Option(help="Address of its API; for kinds that are never called: the shop's.")
]
ApiKey = Annotated[str | None, _secret("API_KEY", "Kind engage: its API key")]
AccessToken = Annotated[str | None, _secret("ACCESS_TOKEN", "Kind shopify: the app's access token")]
Token = Annotated[str | None, _secret("TOKEN", "Kind supplier: Token")]
Token2 = Annotated[str | None, _secret("TOKEN2", "Kind supplier: Token 2, where there are two")]
ClientId = Annotated[str | None, _secret("CLIENT_ID", "Kinds amazon and ebay: the application's client id")]
ClientSecret = Annotated[str | None, _secret("CLIENT_SECRET", "Kinds amazon and ebay: its client secret")]
RefreshToken = Annotated[
    str | None, _secret("REFRESH_TOKEN", "Kinds amazon and ebay: the seller's consent, a refresh token")
]
WebhookSecrets = Annotated[
    list[str] | None,
    _secret(
        "WEBHOOK_SECRET",
        "What its messages are signed with (engage, woocommerce, standard, shipper); repeatable",
    ),
]


@accounts.callback()
def _group() -> None:
    """Keeps `add` a command of its own."""


@accounts.command()
def add(  # noqa: PLR0913, PLR0917  one parameter per option
    shop: Annotated[str, typer.Option(help="The shop's domain.")],
    kind: Annotated[str, typer.Option(help=f"Which system: {', '.join(KINDS)}.")],
    name: Annotated[str, typer.Option(help="What people call the account.")],
    base_url: BaseUrl = None,
    api_key: ApiKey = None,
    access_token: AccessToken = None,
    token: Token = None,
    token2: Token2 = None,
    client_id: ClientId = None,
    client_secret: ClientSecret = None,
    refresh_token: RefreshToken = None,
    webhook_secret: WebhookSecrets = None,
    setting: Annotated[
        list[str] | None,
        typer.Option(help="KEY=VALUE, repeatable; lists, objects, true and false are read as JSON."),
    ] = None,
    settings_file: Annotated[
        Path | None, typer.Option(help="A JSON object with settings; --setting comes on top of it.")
    ] = None,
) -> None:
    """Connects a shop to a system. A known account gets these particulars, and its problem is taken back.

    Secrets of a known account that are not given stay.
    """
    given = {"api_key": api_key, "access_token": access_token, "token": token, "token2": token2}
    given |= {"client_id": client_id, "client_secret": client_secret, "refresh_token": refresh_token}
    with told():
        system = _kind(kind)
        credentials = _credentials(given, webhook_secret or ())
        settings = _file(settings_file) | dict(_setting(text) for text in setting or ())
        particulars = AccountParticulars(
            kind=system.name,
            name=_filled("--name", name),
            base_url=_address(base_url, system, shop),
            credentials=credentials,
            settings=_usable(system, credentials, settings),
        )
        account_id = run(_put, vault(), shop.strip().lower(), particulars)
    typer.echo(f"Account {account_id} ({particulars.kind} {particulars.name}) of {shop} is ready.")


async def _put(connection: Any, keys: Vault, domain: str, particulars: AccountParticulars) -> int:
    shop_id = await shop_id_of(connection, domain)
    if shop_id is None:
        raise Mistake(f"There is no shop {domain}. `query-api shops list` shows those there are.")
    account_id = await put_account(connection, keys, shop_id, particulars)
    detail = {"kind": particulars.kind, "name": particulars.name}
    await note(connection, Deed("account.put", shop_id, detail, subject=str(account_id)))
    return account_id


def _filled(option: str, text: str) -> str:
    if not text.strip():
        raise Mistake(f"{option} is empty.")
    return text.strip()


def _kind(text: str) -> Kind:
    try:
        return kind_of(_filled("--kind", text).lower())
    except Unusable as unusable:
        raise Mistake(f"--kind {unusable.faults['kind']}.") from unusable


def _credentials(texts: Mapping[str, str | None], webhook_secrets: Sequence[str]) -> dict[str, Any]:
    filled: dict[str, Any] = {name: text.strip() for name, text in texts.items() if text and text.strip()}
    secrets = [secret.strip() for secret in webhook_secrets if secret.strip()]
    return filled | ({WEBHOOK_SECRET: secrets} if secrets else {})


def _usable(kind: Kind, credentials: Mapping[str, Any], settings: Mapping[str, Any]) -> dict[str, Any]:
    try:
        return usable(kind, credentials, settings)
    except Unusable as unusable:
        raise Mistake(
            "\n".join(f"{_option(name)} {text}." for name, text in unusable.faults.items())
        ) from None


def _option(field: str) -> str:
    """How the command line calls a field of an account."""
    group, _, name = field.partition(".")
    return f"--{name.replace('_', '-')}" if group == "credentials" else f"--setting {name or field}"


def _address(text: str | None, kind: Kind, shop: str) -> str:
    if text is None:
        if kind.has_address:
            raise Mistake("--base-url is missing: the address of its API.")
        return f"https://{shop.strip().lower()}"
    if (fault := address_fault(text.strip())) is not None:
        raise Mistake(f"--base-url {text!r} {fault}.")
    return text.strip().rstrip("/")


def _file(path: Path | None) -> dict[str, Any]:
    if path is None:
        return {}
    try:
        content = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise Mistake(f"--settings-file {path}: {error}") from error
    if not isinstance(content, dict):
        raise Mistake(f"--settings-file {path} holds no JSON object.")
    return content


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
