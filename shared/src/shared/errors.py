"""What went wrong, and so what happens next. Clients and handlers raise these; only the lifecycle acts.

TaskError
├── Retryable          try again after the policy's delay
│   ├── Unavailable    the other side is down or unreachable; nothing was done there
│   ├── RateLimited    the account pauses on every replica; no attempt is used up
│   └── UnknownOutcome the request was sent and no answer came: read back before repeating
├── Rejected           final: the data is not acceptable to the other side
│   └── Misconfigured  final, and the account's credentials or settings are the cause
└── Obsolete           the thing is gone: the task succeeds with a note
"""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Answer:
    """The part of another system's answer that explains an error."""

    http_status: int | None = None
    excerpt: str | None = None


class TaskError(Exception):
    """`kind` is the machine word that groups failures and selects the remedy."""

    kind = "error"

    def __init__(self, message: str, *, answer: Answer | None = None, kind: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.answer = answer or Answer()
        if kind is not None:
            self.kind = kind


class Retryable(TaskError):
    """Try again; `after` overrides the policy's delay."""

    kind = "temporary"

    def __init__(
        self,
        message: str,
        *,
        after: timedelta | None = None,
        answer: Answer | None = None,
        kind: str | None = None,
    ) -> None:
        super().__init__(message, answer=answer, kind=kind)
        self.after = after


class Unavailable(Retryable):
    kind = "connection"


class RateLimited(Retryable):
    kind = "rate_limit"


class UnknownOutcome(Retryable):
    kind = "unknown_outcome"


class Rejected(TaskError):
    kind = "validation"


class Misconfigured(Rejected):
    kind = "authentication"


class Obsolete(TaskError):
    kind = "not_found"
