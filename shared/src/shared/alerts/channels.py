"""Ways to tell people other than mail. Their addresses and secrets are kept sealed."""

import base64
import binascii
from collections.abc import Sequence
from ipaddress import ip_address
from typing import Annotated, Literal
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter

from shared.vault import Vault

MOST_CHANNELS = 10
# Standard Webhooks: 24 to 64 random bytes.
_FEWEST_BYTES, _MOST_BYTES = 24, 64


def _web_address(text: str) -> str:
    """Encrypted on its way; the password of an address would show in logs of others."""
    parts = _split(text)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("is no address; it looks like https://host/path")
    if parts.scheme == "http" and not _is_loopback(parts.hostname):
        raise ValueError("has to begin with https://, so that nobody reads along")
    if parts.username or parts.password:
        raise ValueError("holds a user or password; the signature proves who sends")
    return text


def _apprise_address(text: str) -> str:
    if not _split(text).scheme or "://" not in text:
        raise ValueError("is no address that apprise knows; it looks like service://…")
    return text


def _signing_secret(text: str) -> str:
    try:
        size = len(base64.b64decode(text.removeprefix("whsec_"), validate=True))
    except (binascii.Error, ValueError):
        size = 0
    if not _FEWEST_BYTES <= size <= _MOST_BYTES:
        raise ValueError(f"has to be {_FEWEST_BYTES} to {_MOST_BYTES} bytes in base64, best after whsec_")
    return text


Name = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100, pattern=r"^[^\x00-\x1f@]+$")
]
Address = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2_000, pattern=r"^[!-~]+$")]
WebAddress = Annotated[Address, AfterValidator(_web_address)]
AppriseAddress = Annotated[Address, AfterValidator(_apprise_address)]
SigningSecret = Annotated[str, StringConstraints(strip_whitespace=True), AfterValidator(_signing_secret)]


class _Channel(BaseModel):
    """`name`: what people call it, and the recipient of its notifications; one of a kind in its shop."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    name: Name


class WebhookChannel(_Channel):
    """A program that gets JSON, signed as Standard Webhooks are."""

    kind: Literal["webhook"] = "webhook"
    url: WebAddress = Field(repr=False)
    secret: SigningSecret = Field(repr=False)


class SlackChannel(_Channel):
    """An incoming webhook of Slack, or of what speaks like it."""

    kind: Literal["slack"] = "slack"
    url: WebAddress = Field(repr=False)


class AppriseChannel(_Channel):
    """Anything apprise can reach."""

    kind: Literal["apprise"] = "apprise"
    url: AppriseAddress = Field(repr=False)


Channel = Annotated[WebhookChannel | SlackChannel | AppriseChannel, Field(discriminator="kind")]
_SILENT = ConfigDict(hide_input_in_errors=True)
CHANNEL: TypeAdapter[Channel] = TypeAdapter(Channel, config=_SILENT)
_CHANNELS: TypeAdapter[tuple[Channel, ...]] = TypeAdapter(tuple[Channel, ...], config=_SILENT)


def sealed(channels: Sequence[Channel], vault: Vault) -> bytes:
    """As alerts.settings.channels holds them."""
    return vault.seal(_CHANNELS.dump_json(tuple(channels)))


def opened(stored: bytes | None, vault: Vault) -> tuple[Channel, ...]:
    """Raises SealBroken, and ValidationError for those of another version."""
    return () if stored is None else _CHANNELS.validate_json(vault.open(stored))


def host_of(channel: Channel) -> str:
    """What of its address is no secret."""
    parts = _split(channel.url)
    return f"{parts.scheme}://…" if channel.kind == "apprise" else parts.hostname or ""


def _split(text: str) -> SplitResult:
    try:
        return urlsplit(text)
    except ValueError:
        return urlsplit("")


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
