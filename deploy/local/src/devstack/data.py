"""The `.data` directory: what the local stack keeps, and what tells others about it while it runs."""

import json
import os
import secrets
from base64 import b64encode
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet


@dataclass(frozen=True)
class DataDirectory:
    root: Path

    @property
    def stack_file(self) -> Path:
        """Addresses, token and pids; there only while everything is up."""
        return self.root / "stack.json"

    @property
    def processes_file(self) -> Path:
        """What has been started and by whom, so that a later call can clear up after a crash."""
        return self.root / "processes.json"

    @property
    def lock_file(self) -> Path:
        """Locked by the one running `up`."""
        return self.root / "up.lock"

    @property
    def secrets_file(self) -> Path:
        return self.root / "secrets.json"

    @property
    def server_ports_file(self) -> Path:
        return self.root / "server-ports.json"

    def log(self, name: str) -> Path:
        return self.root / "logs" / f"{name}.log"

    def server_home(self, name: str) -> Path:
        return self.root / name


def _fernet_keys() -> list[str]:
    return [Fernet.generate_key().decode()]


def _message_secret() -> str:
    """As Standard Webhooks wants it."""
    return f"whsec_{b64encode(secrets.token_bytes(24)).decode()}"


@dataclass(frozen=True)
class Secrets:
    """Made once per data directory, so that what an earlier run encrypted or signed stays valid."""

    secret_keys: list[str] = field(default_factory=_fernet_keys)
    webhook_secret: str = field(default_factory=lambda: f"shpss_{secrets.token_hex(16)}")
    engage_api_key: str = field(default_factory=lambda: secrets.token_hex(24))
    engage_webhook_secret: str = field(default_factory=_message_secret)
    woocommerce_secret: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    standard_secret: str = field(default_factory=_message_secret)
    shipper_secret: str = field(default_factory=_message_secret)
    shopify_access_token: str = field(default_factory=lambda: f"shpat_{secrets.token_hex(16)}")
    token: str | None = None


def load_secrets(data: DataDirectory) -> Secrets:
    """What is kept, completed and kept again."""
    kept: dict[str, Any] = json.loads(data.secrets_file.read_text()) if data.secrets_file.exists() else {}
    loaded = Secrets(**kept)
    save_secrets(data, loaded)
    return loaded


def keep_token(data: DataDirectory, known: Secrets, token: str) -> Secrets:
    updated = replace(known, token=token)
    save_secrets(data, updated)
    return updated


def save_secrets(data: DataDirectory, known: Secrets) -> None:
    write_json(data.secrets_file, asdict(known))


def read_json(path: Path) -> dict[str, Any]:
    """Its content, or nothing when it is not there."""
    try:
        content: dict[str, Any] = json.loads(path.read_text())
    except FileNotFoundError:
        return {}
    return content


def write_json(path: Path, content: object) -> None:
    """Replaces `path` in one step; readable by its owner only."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_text(json.dumps(content, indent=2) + "\n")
    draft.replace(path)
