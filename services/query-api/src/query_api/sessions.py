"""The console's sessions: a signed cookie holds a key, and the database knows whose it is while it lasts."""

import hashlib
import hmac
import secrets
from datetime import timedelta

from itsdangerous import BadSignature, URLSafeSerializer, URLSafeTimedSerializer

COOKIE = "syncledger_session"


class Sessions:
    """Signs what a browser holds. What the session allows is looked up on every request, so that revoking
    the token, or signing out everywhere, ends it at once."""

    def __init__(self, secret_keys: str, *, lifetime: timedelta) -> None:
        """`secret_keys`: comma separated, newest first; sessions signed with an older one stay good."""
        self.lifetime = lifetime
        newest_last = [_derived(key.strip()) for key in reversed(secret_keys.split(",")) if key.strip()]
        self._signer = URLSafeTimedSerializer(newest_last, salt="console-session")
        self._forms = URLSafeSerializer(newest_last, salt="console-form")

    def issue(self, key: str) -> str:
        """The cookie for a session."""
        return self._signer.dumps(key)

    def key(self, cookie: str | None) -> str | None:
        """None when the cookie is missing, forged or too old."""
        if not cookie:
            return None
        try:
            key = self._signer.loads(cookie, max_age=int(self.lifetime.total_seconds()))
        except BadSignature:
            return None
        return key if isinstance(key, str) else None

    def form_token(self, key: str) -> str:
        """What the forms of this session's pages carry, and no other site can know."""
        return self._forms.dumps(session_hash(key).hex())

    def is_form_token(self, token: str, key: str) -> bool:
        try:
            found = self._forms.loads(token)
        except BadSignature:
            return False
        return isinstance(found, str) and hmac.compare_digest(found, session_hash(key).hex())


def new_session_key() -> str:
    return secrets.token_urlsafe(32)


def session_hash(key: str) -> bytes:
    """As the database knows it: who reads there can sign in nowhere."""
    return hashlib.sha256(key.encode()).digest()


def _derived(key: str) -> bytes:
    """The keys that sign sessions are not those that seal secrets, though they come from the same place."""
    return hmac.digest(key.encode(), b"syncledger console session", hashlib.sha256)
