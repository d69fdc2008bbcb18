"""The shop's account at its own Admin API, opened."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import orjson
from pydantic import BaseModel, ConfigDict, Field, HttpUrl, TypeAdapter, ValidationError

from shared.db.queries import load_queries
from shared.envelope import TaskHeader
from shared.errors import Misconfigured
from shared.vault import SealBroken, Vault
from sync_worker.store.in_use import require_in_use

SHOPIFY = "shopify"

_ADDRESS: TypeAdapter[HttpUrl] = TypeAdapter(HttpUrl)

_queries = load_queries(__file__, "accounts")


class ShopifyRules(BaseModel):
    """Settings of the account. `poll_grace_s`: how long a webhook may take until it counts as missed.
    `poll_overlap_s`: how much of the time before a poll asks for again."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    poll_grace_s: float = Field(300, ge=0, le=86_400)
    poll_overlap_s: float = Field(600, ge=0, le=86_400)

    @property
    def grace(self) -> timedelta:
        return timedelta(seconds=self.poll_grace_s)

    @property
    def overlap(self) -> timedelta:
        return timedelta(seconds=self.poll_overlap_s)


@dataclass(frozen=True, slots=True)
class ShopifyAccount:
    id: int
    name: str
    base_url: str
    rules: ShopifyRules
    access_token: str = field(repr=False)


class _Credentials(BaseModel):
    """The sealed credentials of an account of kind `shopify`: `{"access_token": "…"}`."""

    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    access_token: str = Field(pattern=r"^[\x21-\x7e]+$")


async def shopify_account_id(connection: Any, shop_id: int) -> int | None:
    """The account at the shop's Admin API, if it has an active one."""
    row = await _queries.account_of_shop(connection, shop_id=shop_id, kind=SHOPIFY)
    return None if row is None else int(row["id"])


async def open_shopify_account(connection: Any, task: TaskHeader, vault: Vault) -> ShopifyAccount:
    """The task's account if it is one of these, else the shop's.

    Raises Obsolete when it is switched off, Misconfigured when it is missing or unusable.
    """
    place = {"shop_id": task.shop_id, "kind": SHOPIFY, "account_id": task.account_id}
    row = await _queries.account_of_kind(connection, **place)
    if row is None:
        raise _wrong("The shop has no account of kind 'shopify', so its Admin API can not be asked: add one")
    name = row["name"]
    require_in_use(row, f"The Shopify account '{name}' is switched off; the shop was not asked")
    rules, base_url = _rules(row["settings"], name), _usable_address(row["base_url"], name)
    return ShopifyAccount(row["id"], name, base_url, rules, _token(row["credentials"], name, vault))


def _token(sealed: bytes, name: str, vault: Vault) -> str:
    try:
        return _Credentials.model_validate(orjson.loads(vault.open(sealed))).access_token
    except SealBroken as error:
        text = (
            f"The stored token of the Shopify account '{name}' does not open with SECRET_KEYS: enter it again"
        )
        raise _wrong(text) from error
    except (ValidationError, orjson.JSONDecodeError):
        text = f"The Shopify account '{name}' has no access token: enter it in the account's settings"
        raise _wrong(text) from None


def _usable_address(base_url: str, name: str) -> str:
    try:
        return str(_ADDRESS.validate_python(base_url)).rstrip("/")
    except ValidationError:
        raise _wrong(f"The address of the Shopify account '{name}' is not usable: correct it") from None


def _rules(settings: Any, name: str) -> ShopifyRules:
    try:
        return ShopifyRules.model_validate(settings)
    except ValidationError as error:
        wrong = ".".join(str(part) for part in error.errors(include_input=False)[0]["loc"]) or "settings"
        raise _wrong(
            f"The setting '{wrong}' of the Shopify account '{name}' is not usable: correct it"
        ) from error


def _wrong(text: str) -> Misconfigured:
    return Misconfigured(text, kind="configuration")
