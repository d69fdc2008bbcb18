"""What happens after an attempt: a pure decision from the error, the attempt and the policy."""

import hashlib
import re
import traceback
from dataclasses import dataclass
from datetime import timedelta

from shared.envelope import Failure, TaskHeader
from shared.errors import (
    Misconfigured,
    Obsolete,
    RateLimited,
    Retryable,
    TaskError,
    UnknownOutcome,
)
from shared.remedies import remedy_for
from shared.retry import RetryPolicy
from shared.topology import wait_ms

TOO_MANY_REQUESTS = 429
DEFAULT_PAUSE = timedelta(seconds=10)
LONGEST_WISH = timedelta(hours=1)
LONGEST_HOLD = timedelta(minutes=15)
LOOK_AGAIN = timedelta(seconds=30)
_VOLATILE = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|\d+|'[^']*'|\"[^\"]*\"|\S+@\S+")


@dataclass(frozen=True, slots=True)
class Retry:
    """Another attempt after the delay (a step of the wait ladder).

    `pause`: so long every replica leaves the account alone. `account_problem`: the account itself is the
    cause, and its tasks wait until its credentials are entered again.
    """

    delay_ms: int
    max_attempts: int
    is_uncertain: bool
    failure: Failure
    pause: timedelta | None = None
    account_problem: str | None = None


@dataclass(frozen=True, slots=True)
class Fail:
    """The end: no further attempt. `account_problem` says that the account itself is the cause."""

    failure: Failure
    account_problem: str | None = None


@dataclass(frozen=True, slots=True)
class Finish:
    """There is nothing left to do: the task succeeds with a note."""

    note: str


def decide(
    error: BaseException,
    task: TaskHeader,
    attempt: int,
    *,
    was_calling: bool,
    infrastructure: bool = False,
) -> Retry | Fail | Finish:
    """`was_calling`: requests had been made before. `infrastructure`: our own database was away."""
    if isinstance(error, Obsolete):
        return Finish(note=error.message)
    failure = failure_of(error, task, infrastructure=infrastructure)
    if isinstance(error, RateLimited) and not _counts(error, task.policy):
        pause = min(error.after or DEFAULT_PAUSE, LONGEST_WISH)
        return Retry(_ladder(pause), task.max_attempts + 1, is_uncertain=False, failure=failure, pause=pause)
    if isinstance(error, Misconfigured) and task.spec.waits_for_account and task.account_id is not None:
        return Retry(
            _ladder(LOOK_AGAIN),
            task.max_attempts + 1,
            is_uncertain=False,
            failure=failure,
            pause=LONGEST_HOLD,
            account_problem=error.message,
        )
    if infrastructure:
        return Retry(wait_ms(0), task.max_attempts + 1, is_uncertain=was_calling, failure=failure)
    if _is_permanent(error) or attempt >= task.max_attempts or not _may_pass(error, task.policy):
        problem = error.message if isinstance(error, Misconfigured) else None
        return Fail(failure, account_problem=problem)
    is_uncertain = isinstance(error, UnknownOutcome) or (was_calling and not isinstance(error, TaskError))
    return Retry(
        _delay_ms(error, task, attempt), task.max_attempts, is_uncertain=is_uncertain, failure=failure
    )


def failure_of(error: BaseException, task: TaskHeader, *, infrastructure: bool = False) -> Failure:
    """The error as people see it. Errors nobody foresaw are shown without their text: it may hold data."""
    kind, message, status, excerpt = _outage(error) if infrastructure else _facts(error, task)
    place = _place(error)
    return Failure(
        kind=kind,
        message=message,
        place=place,
        remedy=remedy_for(kind),
        fingerprint=_fingerprint(task.type, kind, str(status), message),
        http_status=status,
        response_excerpt=excerpt,
    )


def worker_died(task: TaskHeader, times: int) -> Failure:
    message = f"The worker died {times} times while running this attempt"
    return Failure(
        kind="worker_died",
        message=message,
        place="shared.lifecycle",
        remedy=remedy_for("worker_died"),
        fingerprint=_fingerprint(task.type, "worker_died", "", ""),
    )


def _is_permanent(error: BaseException) -> bool:
    return isinstance(error, TaskError) and not isinstance(error, Retryable)


def _counts(error: RateLimited, policy: RetryPolicy) -> bool:
    """Whether a rate limit uses up an attempt. Our own restraint never does: nobody has refused anything."""
    return policy.rate_limits_count and error.answer.http_status is not None


def _may_pass(error: BaseException, policy: RetryPolicy) -> bool:
    """Whether the policy tries again. A rate limit counts as 429 whatever its status: GraphQL has 200."""
    if isinstance(error, RateLimited):
        return policy.allows(TOO_MANY_REQUESTS)
    return policy.allows(error.answer.http_status if isinstance(error, TaskError) else None)


def _delay_ms(error: BaseException, task: TaskHeader, attempt: int) -> int:
    """The policy's delay, or a longer one if the other side asked for it."""
    own_ms = task.policy.delay_ms(attempt)
    wish = min(error.after, LONGEST_WISH) if isinstance(error, Retryable) and error.after else timedelta()
    return wait_ms(max(own_ms, wish.total_seconds() * 1000))


def _outage(error: BaseException) -> tuple[str, str, None, None]:
    return "temporary", f"Our own database was away ({type(error).__name__})", None, None


def _facts(error: BaseException, task: TaskHeader) -> tuple[str, str, int | None, str | None]:
    if isinstance(error, TaskError):
        return error.kind, error.message, error.answer.http_status, error.answer.excerpt
    if isinstance(error, TimeoutError):
        return (
            "timeout",
            f"Not finished within {task.spec.timeout_s:g} seconds",
            None,
            None,
        )
    return "internal", f"Unexpected error: {type(error).__name__}", None, None


def _place(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    if not frames:
        return type(error).__name__
    ours = [frame for frame in frames if "site-packages" not in frame.filename] or list(frames)
    file = "/".join(ours[-1].filename.rsplit("/", 2)[-2:])
    return f"{file}:{ours[-1].name}"


def _fingerprint(*parts: str) -> str:
    """Equal failures get equal fingerprints: ids, numbers, quoted values and addresses do not count."""
    plain = "|".join(
        _VOLATILE.sub("…", part.lower()) if i == len(parts) - 1 else part for i, part in enumerate(parts)
    )
    return hashlib.sha256(plain.encode()).hexdigest()[:16]


def _ladder(wish: timedelta) -> int:
    return wait_ms(wish.total_seconds() * 1000)
