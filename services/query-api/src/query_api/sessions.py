"""The console's session: a signed cookie naming the token somebody signed in with, never the token itself."""

import hashlib
import hmac
from datetime import timedelta

from itsdangerous import BadSignature, URLSafeTimedSerializer

COOKIE = "syncledger_session"


class Sessions:
    """The token is looked up again on every request, so revoking it ends its sessions at once."""

    def __init__(self, secret_keys: str, *, lifetime: timedelta) -> None:
        """`secret_keys`: comma separated, newest first; sessions signed with an older one stay good."""
        self.lifetime = lifetime
        newest_last = [_derived(key.strip()) for key in reversed(secret_keys.split(",")) if key.strip()]
        self._signer = URLSafeTimedSerializer(newest_last, salt="console-session")

    def issue(self, token_id: int) -> str:
        return self._signer.dumps(token_id)

    def token_id(self, cookie: str | None) -> int | None:
        """None when the cookie is missing, forged or too old."""
        if not cookie:
            return None
        try:
            token_id = self._signer.loads(cookie, max_age=int(self.lifetime.total_seconds()))
        except BadSignature:
            return None
        return token_id if isinstance(token_id, int) else None


def _derived(key: str) -> bytes:
    """The keys that sign sessions are not those that seal secrets, though they come from the same place."""
    return hmac.digest(key.encode(), b"syncledger console session", hashlib.sha256)
