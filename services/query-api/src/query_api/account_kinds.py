"""What an account of each kind needs: its credentials, and settings that can be used. Pure."""

import base64
import binascii
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from pydantic import BaseModel, ValidationError

from shared import faults
from shared.connections.expiry import expiry_faults
from shared.connections.rules import rule_faults
from shared.marketplaces.amazon import AMAZON
from shared.marketplaces.ebay import EBAY
from shared.retry import POLICIES
from shared.shipments.writing_back import RETRY_POLICIES
from shared.suppliers.settings import SupplierCredentials, SupplierSettings, missing_token
from shared.suppliers.settings import faults_of as supplier_faults

WEBHOOK_SECRET = "webhook_secret"  # noqa: S105 - a name
_FEWEST_BYTES, _MOST_BYTES = 24, 64
Credential = str | list[str]


class Unusable(Exception):
    """`faults`: each field that can not be used, and what is wrong with it."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__("; ".join(f"{name} {fault}" for name, fault in faults.items()))
        self.faults = dict(faults)


@dataclass(frozen=True, slots=True)
class Kind:
    """Credentials besides these are refused; optional ones may be left out. `has_address`: its API is called;
    else the shop's own address will do. `signs_messages`: its secrets are those of Standard Webhooks.
    `settings`: what its settings have to be, `faults_of` words what is wrong with them; None: as they are.
    `policies`: those its setting `retry_policy` may name."""

    name: str
    required: tuple[str, ...]
    optional: tuple[str, ...] = ()
    has_address: bool = True
    signs_messages: bool = False
    settings: type[BaseModel] | None = None
    faults_of: Callable[[ValidationError], Mapping[str, str]] = faults.faults_of
    policies: tuple[str, ...] = tuple(POLICIES)


_SELLER = ("client_id", "client_secret", "refresh_token")
SUPPLIER = Kind("supplier", ("token",), ("token2",), settings=SupplierSettings, faults_of=supplier_faults)
_KINDS = (
    Kind("engage", ("api_key",), (WEBHOOK_SECRET,), signs_messages=True),
    Kind("shopify", ("access_token",), policies=RETRY_POLICIES),
    SUPPLIER,
    Kind(AMAZON.name, _SELLER, settings=AMAZON.settings, policies=RETRY_POLICIES),
    Kind(EBAY.name, _SELLER, settings=EBAY.settings, policies=RETRY_POLICIES),
    Kind("shipper", (WEBHOOK_SECRET,), has_address=False, signs_messages=True),
    Kind("woocommerce", (WEBHOOK_SECRET,), has_address=False),
    Kind("standard", (WEBHOOK_SECRET,), has_address=False, signs_messages=True),
)
KINDS = {kind.name: kind for kind in _KINDS}


def kind_of(name: str) -> Kind:
    """Raises Unusable naming the kinds there are."""
    kind = KINDS.get(name)
    if kind is None:
        raise Unusable({"kind": f"{name!r} is not one of {', '.join(KINDS)}"})
    return kind


def usable(kind: Kind, credentials: Mapping[str, Credential], settings: Mapping[str, Any]) -> dict[str, Any]:
    """The settings as they are to be kept. Raises Unusable naming every field that is not usable."""
    found = _credential_faults(kind, credentials)
    read = _read(kind, settings, found)
    if found:
        raise Unusable(found)
    if isinstance(read, SupplierSettings):
        _require_tokens(read, credentials)
    return dict(settings) if read is None else read.model_dump(mode="json", exclude_unset=True)


def address_fault(text: str) -> str | None:
    """What is wrong with the address of an API."""
    try:
        parts = urlsplit(text)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return "is no address; it looks like https://host or http://host:port"
    if parts.username or parts.password:
        return "holds a user or password: enter them as credentials, where they are sealed"
    return None


def _credential_faults(kind: Kind, credentials: Mapping[str, Credential]) -> dict[str, str]:
    known = (*kind.required, *kind.optional)
    found = {name: "is missing" for name in kind.required if not credentials.get(name)}
    for name, value in credentials.items():
        fault = _value_fault(kind, name, value)
        if name not in known:
            found[name] = f"is no credential of this kind, which has {', '.join(known)}"
        elif value and fault is not None:
            found[name] = fault
    return {f"credentials.{name}": fault for name, fault in found.items()}


def _value_fault(kind: Kind, name: str, value: Credential) -> str | None:
    if name != WEBHOOK_SECRET:
        is_text = isinstance(value, str) and all("!" <= character <= "~" for character in value)
        return None if is_text else "holds something that can not stand in a header"
    secrets = value if isinstance(value, list) else [value]
    if kind.signs_messages and not all(_is_message_secret(secret) for secret in secrets):
        return f"should be {_FEWEST_BYTES} to {_MOST_BYTES} bytes in base64, usually after whsec_"
    return None


def _is_message_secret(secret: str) -> bool:
    try:
        size = len(base64.b64decode(secret.removeprefix("whsec_"), validate=True))
    except (binascii.Error, ValueError):
        return False
    return _FEWEST_BYTES <= size <= _MOST_BYTES


def _read(kind: Kind, settings: Mapping[str, Any], found: dict[str, str]) -> BaseModel | None:
    """The settings as their model has them, if they have one; faults are added to those found."""
    policy = settings.get("retry_policy")
    if policy is not None and policy not in kind.policies:
        found["settings.retry_policy"] = f"{policy!r} is not one of {', '.join(kind.policies)}"
    told, read = rule_faults(settings), None
    try:
        read = None if kind.settings is None else kind.settings.model_validate(settings)
    except ValidationError as error:
        told |= kind.faults_of(error)
    told |= expiry_faults(settings)
    found |= {f"settings.{name}": fault for name, fault in told.items()}
    return read


def _require_tokens(settings: SupplierSettings, credentials: Mapping[str, Credential]) -> None:
    missing = missing_token(settings, SupplierCredentials.model_validate(dict(credentials)))
    if missing is not None:
        raise Unusable({f"credentials.{missing}": "is missing: the format's headers carry it"})
