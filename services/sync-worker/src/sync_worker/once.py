"""Makes an effect at most once that the other side would repeat: when in doubt, a person decides."""

from collections.abc import Awaitable, Callable

from shared.errors import Rejected, TaskError, UnknownOutcome
from sync_worker.store.effects import EffectBook, Intent, Permission

IN_DOUBT = (
    "It is not known whether the CRM got this order's status: it may have mailed the customer. Check there "
    "before retrying, because a retry sends it again"
)


async def at_most_once(
    book: EffectBook, effect: Callable[[], Awaitable[bool]], *, doubt: str = IN_DOUBT
) -> bool:
    """Whether the effect, which answers that itself, has happened now or before.

    The intent is committed before. A definite refusal takes it back, so that a later attempt may try;
    anything else leaves it. Raises Rejected, final, when the effect may have happened.
    """
    intent = await book.intend()
    if intent.permission is Permission.DONE:
        return True
    _refuse_doubt(intent, doubt)
    try:
        happened = await effect()
    except UnknownOutcome as error:
        raise Rejected(doubt, answer=error.answer, kind="unknown_outcome") from error
    except TaskError:
        await book.forget()
        raise
    await (book.finish() if happened else book.forget())
    return happened


def _refuse_doubt(intent: Intent, doubt: str) -> None:
    if intent.permission is Permission.UNKNOWN:
        raise Rejected(f"{doubt} (begun by task {intent.task_id})", kind="unknown_outcome")
