"""The accounts of a shop at other systems, opened: address, settings and credentials ready for use."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

import orjson
from pydantic import BaseModel, HttpUrl, TypeAdapter, ValidationError

from shared.db.queries import load_queries
from shared.envelope import TaskHeader
from shared.errors import Misconfigured, Obsolete
from shared.faults import faults_of
from shared.vault import SealBroken, Vault

UNINSTALLED = "The app was uninstalled from the shop: nothing is sent or asked any more"

Settings = TypeVar("Settings", bound=BaseModel)
Credentials = TypeVar("Credentials", bound=BaseModel)

_ADDRESS: TypeAdapter[HttpUrl] = TypeAdapter(HttpUrl)

_queries = load_queries(__file__, "accounts")


@dataclass(frozen=True, slots=True)
class AccountKind(Generic[Settings, Credentials]):
    """A system shops can be connected to.

    `name` is how the database calls it, `title` how people do; `secret` is what people enter for it.
    `faults` words what is wrong with settings, by the name of the setting.
    """

    name: str
    title: str
    secret: str
    settings: type[Settings]
    credentials: type[Credentials]
    faults: Callable[[ValidationError], Mapping[str, str]] = faults_of


class OnBehalf(Protocol):
    """For whom an account is opened: a shop, and the account that was named, if any. A task, usually."""

    @property
    def shop_id(self) -> int: ...

    @property
    def account_id(self) -> int | None: ...


@dataclass(frozen=True, slots=True)
class ForShop:
    """Nobody's task: any account of the shop will do."""

    shop_id: int
    account_id: int | None = None


@dataclass(frozen=True, slots=True)
class Account(Generic[Settings, Credentials]):
    """`name` is what people call it, like "Gate4cards - Primary"; `base_url` ends without a slash."""

    id: int
    name: str
    base_url: str
    settings: Settings
    credentials: Credentials = field(repr=False)


async def account_of_shop(connection: Any, shop_id: int, kind: str) -> int | None:
    """The shop's account of a kind, if it has an active one; the oldest of several."""
    row = await _queries.account_of_shop(connection, shop_id=shop_id, kind=kind)
    return None if row is None else int(row["id"])


async def kind_of_account(connection: Any, task: TaskHeader) -> str | None:
    """Which system the task's account is for; None when there is no such account any more."""
    kind: str | None = await _queries.kind_of_account(
        connection, account_id=task.account_id, shop_id=task.shop_id
    )
    return kind


async def open_account(
    connection: Any, task: TaskHeader, vault: Vault, kind: AccountKind[Settings, Credentials]
) -> Account[Settings, Credentials]:
    """The account the task is for. Raises Obsolete when it is gone or off, Misconfigured when unusable."""
    row = await _queries.account(connection, account_id=task.account_id, shop_id=task.shop_id)
    if row is None:
        text = f"The {kind.title} account this task was for does not exist any more; nothing was done"
        raise Obsolete(text)
    return _opened(row, vault, kind)


async def open_account_of_shop(
    connection: Any, task: OnBehalf, vault: Vault, kind: AccountKind[Settings, Credentials]
) -> Account[Settings, Credentials]:
    """The task's account if it is of this kind, else the shop's.

    Raises Obsolete when it is switched off, Misconfigured when it is missing or unusable.
    """
    place = {"shop_id": task.shop_id, "kind": kind.name, "account_id": task.account_id}
    row = await _queries.account_of_kind(connection, **place)
    if row is None:
        raise unusable(f"The shop has no {kind.title} account (kind '{kind.name}'): add one")
    return _opened(row, vault, kind)


def require_in_use(row: Any, title: str) -> None:
    """Raises Obsolete when the account, or its whole shop, is let go."""
    if row["is_active"]:
        return
    name = row["name"]
    switched_off = f"The {title} account '{name}' is switched off; nothing was done"
    raise Obsolete(UNINSTALLED if row["uninstalled_at"] else switched_off)


def unusable(text: str) -> Misconfigured:
    return Misconfigured(text, kind="configuration")


def _opened(
    row: Any, vault: Vault, kind: AccountKind[Settings, Credentials]
) -> Account[Settings, Credentials]:
    require_in_use(row, kind.title)
    name = row["name"]
    called = f"the {kind.title} account '{name}'"
    settings = _settings(row["settings"], called, kind)
    base_url = _address(row["base_url"], called)
    return Account(row["id"], name, base_url, settings, _credentials(row["credentials"], called, vault, kind))


def _settings(stored: Any, called: str, kind: AccountKind[Settings, Any]) -> Settings:
    try:
        return kind.settings.model_validate(stored)
    except ValidationError as error:
        name, fault = next(iter(kind.faults(error).items()))
        raise unusable(f"The setting '{name}' of {called} {fault}") from error


def _address(base_url: str, called: str) -> str:
    try:
        return str(_ADDRESS.validate_python(base_url)).rstrip("/")
    except ValidationError:
        raise unusable(f"The address of {called} is not usable: correct it") from None


def _credentials(
    sealed: bytes, called: str, vault: Vault, kind: AccountKind[Any, Credentials]
) -> Credentials:
    try:
        return kind.credentials.model_validate(orjson.loads(vault.open(sealed)))
    except SealBroken as error:
        text = f"The {kind.secret} of {called} does not open with SECRET_KEYS: enter it again"
        raise unusable(text) from error
    except (ValidationError, orjson.JSONDecodeError):
        raise unusable(f"{called[0].upper()}{called[1:]} has no {kind.secret}: enter it") from None
