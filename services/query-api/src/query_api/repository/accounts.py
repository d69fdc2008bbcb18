"""Accounts as people see and change them: credentials go in and never come out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import asyncpg
import orjson

from query_api.repository.administration import AccountParticulars
from shared.db.queries import load_queries
from shared.vault import SealBroken, Vault

_queries = load_queries(__file__, "accounts")


@dataclass(frozen=True, slots=True)
class Account:
    """`credentials`: the names of those that are there; None: none of the keys at hand opens them."""

    id: int
    shop_id: int
    domain: str
    kind: str
    name: str
    base_url: str
    credentials: tuple[str, ...] | None
    settings: dict[str, Any]
    is_active: bool
    problem: str | None
    paused_until: datetime | None
    pause_reason: str | None
    is_held: bool
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Held:
    """An account held for a change, with its credentials in the clear."""

    id: int
    shop_id: int
    is_active: bool
    particulars: AccountParticulars


@dataclass(frozen=True, slots=True)
class Change:
    """What is to be different; None: as it is. A credential or setting of None is taken away."""

    name: str | None = None
    base_url: str | None = None
    is_active: bool | None = None
    credentials: Mapping[str, str | list[str] | None] | None = None
    settings: Mapping[str, Any] | None = None

    def applied_to(self, held: Held) -> Held:
        before = held.particulars
        particulars = AccountParticulars(
            kind=before.kind,
            name=before.name if self.name is None else self.name,
            base_url=before.base_url if self.base_url is None else self.base_url,
            credentials=_merged(before.credentials, self.credentials),
            settings=_merged(before.settings, self.settings),
        )
        is_active = held.is_active if self.is_active is None else self.is_active
        return replace(held, is_active=is_active, particulars=particulars)


async def all_accounts(
    connection: Any, vault: Vault, *, shop_ids: Sequence[int] | None, kinds: Sequence[str] | None
) -> list[Account]:
    """By shop, kind and name; None: of all shops, of all kinds."""
    rows = _queries.accounts(
        connection,
        shop_ids=None if shop_ids is None else list(shop_ids),
        kinds=None if kinds is None else list(kinds),
    )
    return [_account(row, vault) async for row in rows]


async def find_account(connection: Any, vault: Vault, account_id: int) -> Account | None:
    row = await _queries.account(connection, account_id=account_id)
    return None if row is None else _account(row, vault)


async def insert_account(
    connection: Any, vault: Vault, shop_id: int, particulars: AccountParticulars
) -> int | None:
    """The new account's id; None when the shop has one of this kind and name."""
    account_id: int | None = await _queries.insert_account(
        connection, shop_id=shop_id, kind=particulars.kind, **_columns(particulars, vault)
    )
    return account_id


async def hold_account(connection: Any, vault: Vault, account_id: int) -> Held | None:
    """Inside the caller's transaction, until its end. Credentials nobody can open count as none."""
    row = await _queries.lock_account(connection, account_id=account_id)
    if row is None:
        return None
    particulars = AccountParticulars(
        kind=row["kind"],
        name=row["name"],
        base_url=row["base_url"],
        credentials=_opened(row["credentials"], vault) or {},
        settings=row["settings"],
    )
    return Held(row["id"], row["shop_id"], row["is_active"], particulars)


async def change_account(connection: Any, vault: Vault, held: Held) -> bool:
    """Keeps what `hold_account` gave, changed, and lets go on what waited for that.

    False: the shop has another account of this kind and name.
    """
    columns = _columns(held.particulars, vault)
    try:
        await _queries.change_account(connection, account_id=held.id, is_active=held.is_active, **columns)
    except asyncpg.UniqueViolationError:
        return False
    await _queries.release(connection, account_id=held.id)
    return True


def _columns(particulars: AccountParticulars, vault: Vault) -> dict[str, Any]:
    return {
        "name": particulars.name,
        "base_url": particulars.base_url,
        "credentials": vault.seal(orjson.dumps(dict(particulars.credentials))),
        "settings": dict(particulars.settings),
    }


def _account(row: Any, vault: Vault) -> Account:
    opened = _opened(row["credentials"], vault)
    names = None if opened is None else tuple(sorted(name for name, value in opened.items() if value))
    return Account(**{**dict(row), "credentials": names})


def _opened(sealed: bytes, vault: Vault) -> dict[str, Any] | None:
    try:
        return dict(orjson.loads(vault.open(sealed)))
    except (SealBroken, orjson.JSONDecodeError):
        return None


def _merged(before: Mapping[str, Any], changes: Mapping[str, Any] | None) -> dict[str, Any]:
    return {name: value for name, value in {**before, **(changes or {})}.items() if value is not None}
