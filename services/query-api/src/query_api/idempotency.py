"""What an Idempotency-Key stands for, and what is said to those who use one twice. Pure."""

import base64
import hashlib
import re
from dataclasses import dataclass

import orjson

from query_api.problems import Problem, invalid

HEADER = "Idempotency-Key"
REPLAYED = "Idempotent-Replayed"
METHODS = frozenset({"POST", "PUT", "PATCH", "DELETE"})
LONGEST = 255
PATTERN = r"^[!-~]{1,255}$"
PATIENCE_S = 60.0
_KEPT_HEADERS = frozenset({b"content-type", b"location", b"as-of"})


@dataclass(frozen=True, slots=True)
class Answer:
    """As much of an answer as is given again."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes

    @property
    def is_done(self) -> bool:
        """Whether something was done: what was refused may be asked again with the same key."""
        return 200 <= self.status < 300


def checked(key: str) -> str:
    """Raises Problem."""
    if not re.fullmatch(PATTERN, key):
        raise invalid(HEADER, f"must be 1 to {LONGEST} visible characters of ASCII, such as a UUID")
    return key


def request_hash(method: str, address: str, body: bytes) -> bytes:
    """Equal for equal requests. `address`: path and query."""
    parts = b"\n".join((method.encode(), address.encode(), body))
    return hashlib.sha256(parts).digest()


def another_request() -> Problem:
    return Problem(
        409,
        "idempotency-key-reused",
        f"This {HEADER} was used for another request. Take a new one for each thing that is to be done.",
        field=HEADER,
    )


def unanswered(age_s: float) -> Problem:
    """The first request with the key is under way, or broke off."""
    if age_s < PATIENCE_S:
        return Problem(
            409,
            "idempotency-key-in-use",
            f"The first request with this {HEADER} is still being answered. Ask again in a second.",
            headers={"Retry-After": "1"},
        )
    return Problem(
        409,
        "idempotency-key-in-use",
        f"The first request with this {HEADER} broke off, and nobody knows whether it was done. Look whether "
        "it was; if not, ask with a new key.",
    )


def packed(answer: Answer) -> bytes:
    headers = [[name.decode("latin-1"), value.decode("latin-1")] for name, value in _kept(answer)]
    return orjson.dumps([answer.status, headers, base64.b64encode(answer.body).decode()])


def unpacked(stored: bytes) -> Answer:
    status, headers, body = orjson.loads(stored)
    encoded = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
    return Answer(status, encoded, base64.b64decode(body))


def _kept(answer: Answer) -> list[tuple[bytes, bytes]]:
    return [(name, value) for name, value in answer.headers if name.lower() in _KEPT_HEADERS]
