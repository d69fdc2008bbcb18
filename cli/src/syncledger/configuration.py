"""Where Syncledger is and who is asking: from the environment, else from a file only its owner can read."""

import json
import os
import stat
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from syncledger.errors import Mistake

URL, TOKEN, FILE = "SYNCLEDGER_URL", "SYNCLEDGER_TOKEN", "SYNCLEDGER_CONFIG"
PRIVATE = 0o600
_LOCAL = {"localhost", "127.0.0.1", "::1"}


@dataclass(frozen=True, slots=True)
class Access:
    """`url`: without a slash at its end."""

    url: str
    token: str

    @property
    def is_exposed(self) -> bool:
        """Whether the token travels where others can read it."""
        parts = urlsplit(self.url)
        return parts.scheme == "http" and parts.hostname not in _LOCAL


def config_path(environment: Mapping[str, str] = os.environ) -> Path:
    if (named := environment.get(FILE)) is not None:
        return Path(named)
    home = environment.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Path(home) / "syncledger" / "config.toml"


def access(environment: Mapping[str, str] = os.environ) -> Access:
    """What stands in the environment goes before what stands in the file. Raises Mistake."""
    kept = _read(config_path(environment))
    url = environment.get(URL) or kept.get("url")
    token = environment.get(TOKEN) or kept.get("token")
    if not url or not token:
        missing = " and ".join(name for name, value in ((URL, url), (TOKEN, token)) if not value)
        raise Mistake(f"{missing} not set. Set it, or keep both with `syncledger login`.")
    return Access(checked_url(url), token)


def checked_url(text: str) -> str:
    """Raises Mistake for what is no address of a server."""
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query:
        raise Mistake(f"{text!r} is no address; one looks like https://syncledger.example.")
    return text.rstrip("/")


def keep(found: Access, path: Path) -> None:
    """Writes the file anew, readable for its owner only from its first byte on."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    new = path.with_suffix(".new")
    new.unlink(missing_ok=True)
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE)
    with os.fdopen(descriptor, "w") as file:
        file.write(f"url = {json.dumps(found.url)}\ntoken = {json.dumps(found.token)}\n")
    new.replace(path)


def _read(path: Path) -> dict[str, str]:
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        text = path.read_text()
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise Mistake(f"{path} can not be read: {error.strerror}.") from error
    if mode & 0o077:
        raise Mistake(f"{path} holds a token and can be read by others. Run: chmod 600 {path}")
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Mistake(f"{path} is no TOML: {error}") from error
    return {name: value for name, value in content.items() if isinstance(value, str)}
