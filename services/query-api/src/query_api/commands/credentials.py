"""What accounts of each kind sign in with, and what their side signs with. Pure."""

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from query_api.commands.running import Mistake

WEBHOOK_SECRET = "webhook_secret"  # noqa: S105 - a name
_PREFIX = "whsec_"
_FEWEST_BYTES, _MOST_BYTES = 24, 64


@dataclass(frozen=True, slots=True)
class Kind:
    """`has_address`: its API is called; else the shop's own address will do. `signs_messages`: the secrets
    are those of Standard Webhooks."""

    required: tuple[str, ...]
    optional: tuple[str, ...] = ()
    has_address: bool = True
    signs_messages: bool = False


_KINDS = {
    "engage": Kind(("api_key",), (WEBHOOK_SECRET,), signs_messages=True),
    "shopify": Kind(("access_token",)),
    "woocommerce": Kind((WEBHOOK_SECRET,), has_address=False),
    "standard": Kind((WEBHOOK_SECRET,), has_address=False, signs_messages=True),
    "supplier": Kind(("token",), ("token2",)),
}
_OTHER = Kind(("api_key",))


def kind_of(name: str) -> Kind:
    return _KINDS.get(name, _OTHER)


def credentials_of(
    kind_name: str, texts: Mapping[str, str | None], *, webhook_secrets: Sequence[str]
) -> dict[str, Any]:
    """The credentials to be kept. Raises Mistake for one that is missing, not of the kind, or unusable."""
    kind = kind_of(kind_name)
    secrets = [secret.strip() for secret in webhook_secrets if secret.strip()]
    filled: dict[str, Any] = {name: text.strip() for name, text in texts.items() if text and text.strip()}
    if secrets:
        filled[WEBHOOK_SECRET] = secrets
    for name in kind.required:
        if name not in filled:
            raise Mistake(f"{option(name)} is missing: an account of kind {kind_name!r} needs it.")
    for name in filled:
        if name not in (*kind.required, *kind.optional):
            raise Mistake(f"{option(name)} is not for accounts of kind {kind_name!r}.")
    if kind.signs_messages:
        _check_secrets(secrets)
    return filled


def option(name: str) -> str:
    """How the command line calls it."""
    return f"--{name.replace('_', '-')}"


def _check_secrets(secrets: Sequence[str]) -> None:
    for secret in secrets:
        try:
            size = len(base64.b64decode(secret.removeprefix(_PREFIX), validate=True))
        except (binascii.Error, ValueError):
            size = 0
        if not _FEWEST_BYTES <= size <= _MOST_BYTES:
            raise Mistake(
                f"--webhook-secret: such a secret is {_FEWEST_BYTES} to {_MOST_BYTES} bytes in base64, "
                f"usually after {_PREFIX}. Copy it from where the webhook was made."
            )
