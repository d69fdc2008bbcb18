"""Why a delivery is not accepted, and the answer that says so (RFC 9457 problem details)."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from http import HTTPStatus


class Reason(StrEnum):
    """The machine word in metrics, logs and the list of rejections; the answer does not tell all of it."""

    MISSING_HEADER = "missing_header"
    BAD_SIGNATURE = "bad_signature"
    MALFORMED_SIGNATURE = "malformed_signature"
    STALE_SIGNATURE = "stale_signature"
    BAD_TOKEN = "bad_token"  # noqa: S105 - says that it is not good
    NOT_ALLOWED = "not_allowed"
    UNUSABLE = "unusable"
    NO_SECRET = "no_secret"  # noqa: S105 - says that there is none
    UNKNOWN_SHOP = "unknown_shop"
    INACTIVE_SHOP = "inactive_shop"
    TOO_LARGE = "too_large"
    TOO_SLOW = "too_slow"
    UNSUPPORTED_TYPE = "unsupported_type"
    ABUSE = "abuse"
    SHOP_UNKNOWABLE = "shop_unknowable"
    TOKEN_UNKNOWABLE = "token_unknowable"  # noqa: S105 - says that nobody can say
    NO_COPY = "no_copy"

    @property
    def status(self) -> HTTPStatus:
        return _PUBLIC[self][0]

    @property
    def public_name(self) -> str:
        """What the sender is told: a stranger learns nothing about shops he has no secret of."""
        return _PUBLIC[self][1]


_PUBLIC = {
    Reason.MISSING_HEADER: (HTTPStatus.BAD_REQUEST, "missing-header"),
    Reason.BAD_SIGNATURE: (HTTPStatus.UNAUTHORIZED, "bad-signature"),
    Reason.MALFORMED_SIGNATURE: (HTTPStatus.UNAUTHORIZED, "bad-signature"),
    Reason.STALE_SIGNATURE: (HTTPStatus.UNAUTHORIZED, "stale-signature"),
    Reason.BAD_TOKEN: (HTTPStatus.UNAUTHORIZED, "bad-token"),
    Reason.NOT_ALLOWED: (HTTPStatus.FORBIDDEN, "not-allowed"),
    Reason.UNUSABLE: (HTTPStatus.UNPROCESSABLE_ENTITY, "unusable"),
    Reason.NO_SECRET: (HTTPStatus.UNAUTHORIZED, "bad-signature"),
    Reason.UNKNOWN_SHOP: (HTTPStatus.NOT_FOUND, "unknown-shop"),
    Reason.INACTIVE_SHOP: (HTTPStatus.NOT_FOUND, "unknown-shop"),
    Reason.TOO_LARGE: (HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too-large"),
    Reason.TOO_SLOW: (HTTPStatus.REQUEST_TIMEOUT, "too-slow"),
    Reason.UNSUPPORTED_TYPE: (HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "unsupported-type"),
    Reason.ABUSE: (HTTPStatus.TOO_MANY_REQUESTS, "too-many-bad-signatures"),
    Reason.SHOP_UNKNOWABLE: (HTTPStatus.SERVICE_UNAVAILABLE, "unavailable"),
    Reason.TOKEN_UNKNOWABLE: (HTTPStatus.SERVICE_UNAVAILABLE, "unavailable"),
    Reason.NO_COPY: (HTTPStatus.SERVICE_UNAVAILABLE, "unavailable"),
}


class Refusal(Exception):
    """`advice` is a sentence that tells the sender what to do; `errors` name fields that are wrong."""

    def __init__(
        self,
        reason: Reason,
        advice: str,
        *,
        retry_after_s: int | None = None,
        errors: Sequence[Mapping[str, str]] = (),
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.advice = advice
        self.retry_after_s = retry_after_s
        self.errors = errors
