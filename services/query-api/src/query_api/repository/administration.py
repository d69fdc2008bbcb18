"""Shops and accounts as an administrator makes and changes them. Secrets are stored sealed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import orjson

from shared.db.queries import load_queries
from shared.vault import SealBroken, Vault

_shops = load_queries(__file__, "shops")
_accounts = load_queries(__file__, "accounts")


@dataclass(frozen=True, slots=True)
class ShopParticulars:
    """`domain` in lower case; `timezone` an IANA name."""

    domain: str
    name: str
    email: str
    timezone: str


@dataclass(frozen=True, slots=True)
class AccountParticulars:
    """One system a shop is connected to; known again by shop, kind and name."""

    kind: str
    name: str
    base_url: str
    credentials: Mapping[str, Any]
    settings: Mapping[str, Any]


async def put_shop(connection: Any, vault: Vault, particulars: ShopParticulars, *, secret: str) -> bool:
    """True when the shop is new; else it gets these particulars, and the secret is added if it is unknown."""
    inserted = await _shops.insert_shop(
        connection,
        domain=particulars.domain,
        name=particulars.name,
        email=particulars.email,
        timezone=particulars.timezone,
        webhook_secrets=[vault.seal(secret.encode())],
        data_key=vault.new_data_key(),
    )
    if inserted is not None:
        return True
    shop = await _shops.lock_shop(connection, domain=particulars.domain)
    await _shops.update_shop(
        connection,
        shop_id=shop["id"],
        name=particulars.name,
        email=particulars.email,
        timezone=particulars.timezone,
    )
    await _keep_secrets(connection, shop["id"], _with_newest(vault, shop["webhook_secrets"], secret))
    return False


async def rotate_secret(
    connection: Any, vault: Vault, domain: str, *, secret: str, keeps_old: bool
) -> int | None:
    """The new secret comes first; returns how many are accepted now, None when there is no such shop."""
    shop = await _shops.lock_shop(connection, domain=domain)
    if shop is None:
        return None
    known = shop["webhook_secrets"] if keeps_old else []
    secrets = _with_newest(vault, [sealed for sealed in known if _opened(vault, sealed) != secret], secret)
    await _keep_secrets(connection, shop["id"], secrets)
    return len(secrets)


async def shop_listing(connection: Any) -> list[dict[str, Any]]:
    """Every shop, with how many secrets it accepts but none of them."""
    return [dict(record) async for record in _shops.shop_listing(connection)]


async def shop_id_of(connection: Any, domain: str) -> int | None:
    return cast(int | None, await _shops.shop_id(connection, domain=domain))


async def put_account(connection: Any, vault: Vault, shop_id: int, particulars: AccountParticulars) -> int:
    """Makes the account or gives a known one new particulars; a problem noted before is taken back.

    Credentials of a known account that are not given stay.
    """
    place = {"shop_id": shop_id, "kind": particulars.kind, "name": particulars.name}
    known = await _accounts.credentials_of(connection, **place)
    kept = orjson.loads(_opened(vault, known) or "{}") if known is not None else {}
    account_id = await _accounts.upsert_account(
        connection,
        **place,
        base_url=particulars.base_url,
        credentials=vault.seal(orjson.dumps(kept | dict(particulars.credentials))),
        settings=dict(particulars.settings),
    )
    await _accounts.release(connection, account_id=account_id)
    return cast(int, account_id)


def _with_newest(vault: Vault, sealed: Sequence[bytes], secret: str) -> list[bytes]:
    known = [_opened(vault, item) for item in sealed]
    if secret in known:
        return list(sealed)
    return [vault.seal(secret.encode()), *sealed]


def _opened(vault: Vault, sealed: bytes) -> str | None:
    """None for one that none of the keys at hand opens; it stays, a key may come back."""
    try:
        return vault.open(sealed).decode()
    except SealBroken:
        return None


async def _keep_secrets(connection: Any, shop_id: int, secrets: Sequence[bytes]) -> None:
    await _shops.set_webhook_secrets(connection, shop_id=shop_id, webhook_secrets=list(secrets))
